#include "actors/cluster/peers.hpp"

#include "actors/cluster/basp_bridge.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <utility>

namespace filemint::actors {
namespace {

std::string versions(std::uint32_t oldest, std::uint32_t newest) {
  if (oldest == newest) return "version " + std::to_string(newest);
  return "versions " + std::to_string(oldest) + " to " + std::to_string(newest);
}

}  // namespace

peers::peers(caf::actor_config& cfg, peers_terms terms, caf::io::middleman_actor bridge)
    : homed(cfg), terms_(std::move(terms)), bridge_(std::move(bridge)), table_(terms_.table) {
  for (const auto& each : terms_.expected) table_.expect(each, terms_.now());
}

template <class Message>
void peers::take_quota(const Message& in) {
  const auto* at = sender();
  if (at == nullptr || in.name != at->peer) return;
  if (auto read = peer_v1::from_wire(in)) terms_.quota(std::move(*read));
}

peers::behavior_type peers::make_behavior() {
  // Peers are trusted to be of the cluster, not to be without fault: nothing that they send ends
  // this actor, or is printed.
  set_default_handler(caf::drop);
  set_error_handler([](caf::error&) {});
  set_down_handler([](caf::down_msg&) {});
  set_exit_handler([this](caf::exit_msg& exit) {
    if (exit.source == nullptr || exit.source.node() == system().node()) quit(exit.reason);
  });
  show();
  delayed_send(this, terms_.table.beat, beat_due{});
  return {
      [this](const link_opened& link) { connect(link); },
      [this](const link_closed& link) { close(link); },
      [this](const peer_gone& gone) {
        gone_.insert(gone.peer);
        forget_gone(gone.peer);
      },
      [this](beat_due) { beat(); },
      [this](peer_send& asked) {
        if (const auto to = up(asked.peer)) {
          pass(to, std::move(asked.message));
        } else {
          asked.failed(error{errc::service_unavailable, asked.peer + " is not up"});
        }
      },
      [this](peer_call& asked) { start(asked); },
      [this](const leave_cluster& asked) { leave(asked); },
      [this](const peer_v1::hello& from) { take_hello(from); },
      [this](const peer_v1::heartbeat& from) {
        const auto* at = sender();
        if (at == nullptr) return;
        tell(table_.heard(at->peer,
                          {.incarnation = from.incarnation,
                           .sequence = from.sequence,
                           .heard = from.heard,
                           .heard_ago = std::chrono::microseconds{from.heard_ago_us}},
                          terms_.now()));
      },
      [this](const peer_v1::goodbye& from) {
        const auto* at = sender();
        if (at == nullptr) return;
        tell(table_.left(at->peer, from.incarnation, terms_.now()));
        fail_calls(at->peer);
      },
      [this](const peer_v1::ping& from) {
        if (const auto* at = sender()) pass(at->handle, peer_v1::pong{from.call});
      },
      [this](const peer_v1::pong& from) {
        if (sender() != nullptr) settle(from.call, caf::make_message(from));
      },
      [this](const peer_v1::quota_beat& in) { take_quota(in); },
      [this](const peer_v1::quota_goodbye& in) { take_quota(in); },
      [this](const peer_v1::quota_ask& in) { take_quota(in); },
      [this](const peer_v1::quota_answer& in) { take_quota(in); },
      [this](const peer_v1::quota_recall& in) { take_quota(in); },
      [this](const peer_v1::quota_return& in) { take_quota(in); },
      [this](const peer_v1::quota_return_taken& in) { take_quota(in); },
      [this](const peer_v1::quota_spent& in) { take_quota(in); },
      [this](const peer_v1::changes_ask& asked) { tell_changes(asked); },
      [this](const peer_v1::changes_unknown& from) {
        if (sender() != nullptr) settle(from.call, caf::make_message(from));
      },
      [this](const peer_v1::changes_part& from) {
        if (sender() != nullptr) settle(from.call, caf::make_message(from));
      },
  };
}

void peers::on_exit() {
  links_.clear();
  bridge_ = nullptr;
  for (const auto& each : table_.all()) table_.lost(each.name, terms_.now());
  show();  // nobody is up for who can't tell any more
  while (!calls_.empty()) fail_calls(std::string{calls_.begin()->second.peer});
}

void peers::connect(const link_opened& to) {
  links_[to.link] = {.link = to.link,
                     .peer = to.peer,
                     .dialled = to.dialled,
                     .ticket = to.ticket,
                     .since = terms_.now(),
                     .handle = {}};
  table_.expect(to.peer, terms_.now());
  gone_.erase(to.peer);
  if (!to.dialled) return;  // its hello comes
  request(bridge_, terms_.greeting_deadline, caf::connect_atom::value, to.key, basp_bridge::port)
      .then(
          [this, link = to.link](const caf::node_id&, const caf::strong_actor_ptr& found,
                                 const std::set<std::string>&) {
            const auto at = links_.find(link);
            if (at == links_.end()) return;
            if (found == nullptr) return drop(at->second, link_failure::protocol);
            at->second.handle = found;
            greet(at->second);
          },
          [this, link = to.link](const caf::error&) {
            const auto at = links_.find(link);
            if (at != links_.end()) drop(at->second, link_failure::protocol);
          });
}

void peers::greet(const linked& at) {
  pass(at.handle, peer_v1::hello{.name = terms_.name,
                                 .version = terms_.version,
                                 .oldest = terms_.oldest,
                                 .incarnation = terms_.incarnation,
                                 .release = terms_.release,
                                 .ticket_high = at.dialled ? at.ticket.high : 0,
                                 .ticket_low = at.dialled ? at.ticket.low : 0});
}

// The dialler's hello is known by its ticket, which only the end of that very link was given.
void peers::take_hello(const peer_v1::hello& from) {
  auto* at = sender();
  if (at == nullptr) {
    const link_ticket shown{from.ticket_high, from.ticket_low};
    const auto found = std::ranges::find_if(links_, [&](const auto& each) {
      const auto& one = each.second;
      return !one.dialled && !one.handle && one.ticket == shown;
    });
    if (found == links_.end()) return;
    at = &found->second;
    at->handle = current_sender();
    if (from.name == at->peer) greet(*at);
  }
  begin(*at, from);
}

void peers::begin(linked& at, const peer_v1::hello& from) {
  const auto spoken = std::min(from.version, terms_.version);
  if (from.name != at.peer) return drop(at, link_failure::name);
  if (spoken < terms_.oldest || spoken < from.oldest) {
    if (std::exchange(foreign_[at.peer], from.incarnation) != from.incarnation) {
      terms_.complain("no link: it is of release " + from.release + " and speaks " +
                          versions(from.oldest, from.version) + ", this node " +
                          versions(terms_.oldest, terms_.version) + " of the peers' protocol",
                      at.peer);
    }
    return drop(at, link_failure::protocol);
  }
  tell(table_.greeted(at.peer,
                      {.incarnation = from.incarnation, .version = spoken, .release = from.release},
                      terms_.now()));
}

void peers::close(const link_closed& which) {
  const auto at = links_.find(which.link);
  if (at == links_.end()) return;
  links_.erase(at);
  if (find(which.peer) != nullptr) return;  // a newer link has taken its place
  const auto change = table_.lost(which.peer, terms_.now());
  fail_calls(which.peer);
  tell(change);
  forget_gone(which.peer);
}

void peers::forget_gone(const std::string& peer) {
  if (find(peer) != nullptr || gone_.erase(peer) == 0) return;
  table_.forget(peer);
  show();
}

void peers::beat() {
  delayed_send(this, terms_.table.beat, beat_due{});
  const auto now = terms_.now();
  const auto sequence = table_.next_beat(now);
  for (auto& [number, at] : links_) {
    const auto* known = table_.find(at.peer);
    // Who leaves still wants to be heard of until it has ended.
    const bool greeted =
        known != nullptr && (known->state != peer_state::down || known->said_goodbye);
    if (!greeted || !at.handle) {
      if (now - at.since > terms_.greeting_deadline) drop(at, link_failure::silent);
      continue;
    }
    const auto told = table_.told_back(at.peer, now);
    pass(at.handle,
         peer_v1::heartbeat{.name = terms_.name,
                            .version = known->greeting.version,
                            .incarnation = terms_.incarnation,
                            .sequence = sequence,
                            .heard = told.heard,
                            .heard_ago_us = static_cast<std::uint64_t>(told.heard_ago.count())});
  }
  for (const auto& change : table_.look(now)) {
    if (change.to == peer_state::down) {
      fail_calls(change.name);
      if (const auto* at = find(change.name)) drop(*at, link_failure::silent);
    }
    tell(change);
  }
  end_late_calls(now);
  show();
}

void peers::tell(const std::optional<peer_change>& change) {
  if (!change) return;
  show();
  terms_.changed(*change);
}

void peers::show() {
  terms_.board->put(table_.all());
}

void peers::drop(const linked& at, link_failure why) const {
  terms_.drop(at.link, why);
}

peers::linked* peers::sender() {
  const auto& from = current_sender();
  if (from == nullptr) return nullptr;
  for (auto& [number, at] : links_) {
    if (at.handle && at.handle == from) return &at;
  }
  return nullptr;
}

peers::linked* peers::find(std::string_view peer) {
  for (auto& [number, at] : links_) {
    if (at.peer == peer) return &at;
  }
  return nullptr;
}

caf::strong_actor_ptr peers::up(std::string_view peer) {
  const auto* known = table_.find(peer);
  if (known == nullptr || known->state == peer_state::down || known->said_goodbye) return {};
  const auto* at = find(peer);
  return at == nullptr ? nullptr : at->handle;
}

}  // namespace filemint::actors
