#include "core/quota_ledger.hpp"

#include <algorithm>
#include <utility>

namespace filemint {

namespace {

// 0: none, each call asks. Twice what its holder needs, and no more than a small part of the room,
// so that several holders fit and little is lost with one of them.
std::int64_t lease_size(std::uint64_t limit, std::int64_t room, std::uint64_t most,
                        std::uint64_t need) {
  if (limit < quota_ledger::least_leased_limit) return 0;
  const auto enough =
      std::max({quota_ledger::least_lease, limit / 1024, 2 * std::min(need, limit / 64)});
  const auto size =
      std::min(static_cast<std::int64_t>(std::min({enough, limit / 64, most})), room / 16);
  return size < static_cast<std::int64_t>(quota_ledger::least_lease) ? 0 : size;
}

// A lease that is over promises nothing more: its holder admits nothing.
std::int64_t floor_of(const quota_grant& grant, mono_time now) {
  return now < grant.expires ? static_cast<std::int64_t>(grant.floor) : 0;
}

mono_time given_at(const quota_grant& grant) {
  return grant.expires - quota_ledger::lease_life;
}

// By then all that was admitted under it has left the window, whether it came back or not.
mono_time forgotten_at(const quota_grant& grant) {
  return tick_of(grant.expires) + window_length;
}

}  // namespace

quota_answer quota_ledger::ask(mono_time now, std::uint64_t limit, quota_holder holder,
                               std::uint64_t most, std::chrono::nanoseconds travels) {
  forget_leases(now);
  const auto free = room(now, limit);
  const auto size = lease_size(limit, free, most, need_of(holder));
  if (size > 0 && free - size >= promised(now)) return lease_out(now, limit, free, size, holder);
  return ask_without_lease(now, limit, free, std::max<std::int64_t>(size, 1), travels);
}

quota_answer quota_ledger::ask_one(mono_time now, std::uint64_t limit,
                                   std::chrono::nanoseconds travels) {
  forget_leases(now);
  return ask_without_lease(now, limit, room(now, limit), 1, travels);
}

quota_admission quota_ledger::look(mono_time now, std::uint64_t limit) {
  forget_leases(now);
  const auto free = static_cast<std::uint64_t>(std::max<std::int64_t>(0, room(now, limit)));
  auto reset = free == 0 ? window_.next_free(now, limit) : window_.empty_at(now);
  if (!leases_.empty()) reset = tick_of(now) + window_length;
  return {.limit = limit, .remaining = free, .reset = reset};
}

// `need`: the room that the asker would rather have had.
quota_answer quota_ledger::ask_without_lease(mono_time now, std::uint64_t limit, std::int64_t free,
                                             std::int64_t need, std::chrono::nanoseconds travels) {
  if (need == 1 && free - 1 >= promised(now)) return admit(now, limit, free, travels);
  if (leases_.empty()) return quota_refusal{limit, window_.next_free(now, limit)};

  auto recalls = recall_floors_above(now, free - need);
  if (recalls.empty() && free - 1 >= promised(now)) return admit(now, limit, free, travels);
  auto retry_at = mono_time::max();
  for (const auto& [grant, holder, recalled] : leases_) {
    retry_at = std::min(retry_at, now < grant.expires ? grant.expires : forgotten_at(grant));
  }
  return quota_wait{std::move(recalls), retry_at};
}

std::optional<quota_grant> quota_ledger::renew(mono_time now, std::uint64_t limit,
                                               quota_holder holder, std::uint64_t most) {
  forget_leases(now);
  const auto free = room(now, limit);
  const auto size = lease_size(limit, free, most, need_of(holder));
  if (size == 0 || free - size < promised(now)) return std::nullopt;
  return lease_out(now, limit, free, size, holder);
}

std::vector<quota_recall> quota_ledger::recall_all() {
  std::vector<quota_recall> recalls;
  for (auto& l : leases_) {
    if (std::exchange(l.recalled, true)) continue;
    recalls.push_back({l.holder, l.grant.id});
  }
  return recalls;
}

std::vector<quota_recall> quota_ledger::recalled() const {
  std::vector<quota_recall> recalls;
  for (const auto& l : leases_) {
    if (l.recalled) recalls.push_back({l.holder, l.grant.id});
  }
  return recalls;
}

std::uint64_t quota_ledger::leased() const noexcept {
  std::uint64_t all = 0;
  for (const auto& l : leases_) all += l.grant.amount;
  return all;
}

void quota_ledger::settle(mono_time now, const quota_settlement& back) {
  const auto found = std::ranges::find(leases_, back.id, [](const lease& l) { return l.grant.id; });
  if (found == leases_.end()) return;
  std::uint64_t used = 0;
  for (const auto& [at, calls] : back.admissions) {
    window_.add(now, at, calls);
    used += calls;
  }
  const auto held = std::clamp<std::chrono::nanoseconds>(now - given_at(found->grant),
                                                         tick_length{1}, lease_life);
  needs_[found->holder] = used * static_cast<std::uint64_t>(lease_life / held);
  leases_.erase(found);
}

std::uint64_t quota_ledger::need_of(quota_holder holder) const {
  const auto known = needs_.find(holder);
  return known == needs_.end() ? 0 : known->second;
}

void quota_ledger::write_off(mono_time now, quota_holder holder, lease_id kept) {
  forget_leases(now);
  std::erase_if(leases_, [&](const lease& l) {
    if (l.holder != holder || l.grant.id == kept) return false;
    window_.add(now, tick_of(std::min(now, l.grant.expires)), l.grant.amount);
    return true;
  });
  if (kept == 0) needs_.erase(holder);
}

bool quota_ledger::idle(mono_time now) {
  forget_leases(now);
  return leases_.empty() && window_.used(now) == 0;
}

void quota_ledger::forget_leases(mono_time now) {
  std::erase_if(leases_, [&](const lease& l) { return now >= forgotten_at(l.grant); });
}

std::int64_t quota_ledger::room(mono_time now, std::uint64_t limit) {
  auto free = static_cast<std::int64_t>(limit) - static_cast<std::int64_t>(window_.used(now));
  for (const auto& l : leases_) free -= static_cast<std::int64_t>(l.grant.amount);
  return free;
}

std::int64_t quota_ledger::promised(mono_time now) const noexcept {
  std::int64_t largest = 0;
  for (const auto& l : leases_) largest = std::max(largest, floor_of(l.grant, now));
  return largest;
}

quota_grant quota_ledger::lease_out(mono_time now, std::uint64_t limit, std::int64_t room,
                                    std::int64_t amount, quota_holder holder) {
  // A quarter of the room can go to others before this lease has to come back.
  const auto floor = (room - amount) / 4 * 3;
  // No id comes again, not even from a later ledger of the same company: time does not go back.
  last_id_ = std::max(last_id_ + 1, static_cast<lease_id>(now.time_since_epoch().count()));
  leases_.push_back({.grant = {.id = last_id_,
                               .amount = static_cast<std::uint64_t>(amount),
                               .limit = limit,
                               .floor = static_cast<std::uint64_t>(floor),
                               .expires = now + lease_life},
                     .holder = holder});
  return leases_.back().grant;
}

quota_admission quota_ledger::admit(mono_time now, std::uint64_t limit, std::int64_t room,
                                    std::chrono::nanoseconds travels) {
  window_.add(now, tick_of(now + travels), 1);
  const auto remaining = static_cast<std::uint64_t>(room - 1);
  return {
      .limit = limit,
      .remaining = remaining,
      // Beside leases that are over the window may hold less than the limit: then too the
      // next call passes when the oldest one has left.
      .reset = remaining == 0 ? window_.next_free(now, window_.used(now)) : window_.empty_at(now)};
}

std::vector<quota_recall> quota_ledger::recall_floors_above(mono_time now, std::int64_t room) {
  std::vector<quota_recall> recalls;
  for (auto& l : leases_) {
    if (l.recalled || floor_of(l.grant, now) <= room) continue;
    l.recalled = true;
    recalls.push_back({l.holder, l.grant.id});
  }
  return recalls;
}

}  // namespace filemint
