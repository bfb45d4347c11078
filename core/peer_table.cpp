#include "core/peer_table.hpp"

#include <algorithm>
#include <utility>

namespace filemint {

mono_time last_heard(std::span<const peer_view> peers, mono_time since) noexcept {
  auto last = mono_time::max();
  for (const auto& each : peers) {
    if (each.said_goodbye) continue;
    if (last == mono_time::max()) last = since;
    if (each.heard) last = std::max(last, *each.heard);
  }
  return last;
}

void peer_table::expect(std::string_view name, mono_time now) {
  const auto [at, fresh] = peers_.try_emplace(std::string{name});
  if (!fresh) return;
  at->second.view.name = name;
  at->second.view.since = now;
}

void peer_table::forget(std::string_view name) {
  if (const auto at = peers_.find(name); at != peers_.end()) peers_.erase(at);
}

std::optional<peer_change> peer_table::put(entry& of, peer_state to, mono_time now) {
  const auto from = std::exchange(of.view.state, to);
  if (from == to) return {};
  of.view.since = now;
  return peer_change{of.view.name, from, to};
}

peer_table::entry* peer_table::known(std::string_view name) {
  const auto at = peers_.find(name);
  return at == peers_.end() ? nullptr : &at->second;
}

std::optional<peer_change> peer_table::greeted(std::string_view name, const peer_greeting& greeting,
                                               mono_time now) {
  expect(name, now);
  auto& of = *known(name);
  const bool leaves = of.view.said_goodbye && of.view.greeting.incarnation == greeting.incarnation;
  if (leaves) return {};  // a new link of a peer that is about to end
  of.view.greeting = greeting;
  of.view.said_goodbye = false;
  of.view.heard = now;
  of.view.round_trip = {};
  of.last_sequence = 0;
  return put(of, peer_state::up, now);
}

std::optional<peer_change> peer_table::heard(std::string_view name, const peer_beat& beat,
                                             mono_time now) {
  auto* of = known(name);
  if (of == nullptr || of->view.state == peer_state::down) return {};
  if (beat.incarnation != of->view.greeting.incarnation) return {};
  if (beat.sequence <= of->last_sequence) return {};
  of->last_sequence = beat.sequence;
  of->view.heard = now;
  if (beat.heard != 0 && beat.heard <= beats_ && beats_ - beat.heard < remembered) {
    const auto trip = now - sent_[beat.heard % remembered] - beat.heard_ago;
    if (trip >= trip.zero()) {
      of->view.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(trip);
    }
  }
  return put(*of, peer_state::up, now);
}

std::optional<peer_change> peer_table::lost(std::string_view name, mono_time now) {
  auto* of = known(name);
  if (of == nullptr) return {};
  of->view.round_trip = {};
  return put(*of, peer_state::down, now);
}

std::optional<peer_change> peer_table::left(std::string_view name, std::uint64_t incarnation,
                                            mono_time now) {
  auto* of = known(name);
  if (of == nullptr || of->view.greeting.incarnation != incarnation) return {};
  of->view.said_goodbye = true;
  return lost(name, now);
}

std::vector<peer_change> peer_table::look(mono_time now) {
  std::vector<peer_change> changes;
  for (auto& [name, of] : peers_) {
    if (of.view.state == peer_state::down || !of.view.heard) continue;
    const auto silent = now - *of.view.heard;
    auto to = peer_state::up;
    if (silent >= terms_.suspect_after) to = peer_state::suspect;
    if (silent >= terms_.down_after) to = peer_state::down;
    if (auto change = put(of, to, now)) changes.push_back(std::move(*change));
  }
  return changes;
}

std::uint64_t peer_table::next_beat(mono_time now) {
  ++beats_;
  sent_[beats_ % remembered] = now;
  return beats_;
}

peer_beat peer_table::told_back(std::string_view name, mono_time now) const {
  const auto* of = find(name);
  peer_beat told{.sequence = beats_};
  if (of == nullptr || !of->heard) return told;
  told.heard = peers_.find(name)->second.last_sequence;
  told.heard_ago = std::chrono::duration_cast<std::chrono::microseconds>(now - *of->heard);
  return told;
}

const peer_view* peer_table::find(std::string_view name) const {
  const auto at = peers_.find(name);
  return at == peers_.end() ? nullptr : &at->second.view;
}

std::vector<peer_view> peer_table::all() const {
  std::vector<peer_view> out;
  out.reserve(peers_.size());
  for (const auto& [name, of] : peers_) out.push_back(of.view);
  return out;
}

}  // namespace filemint
