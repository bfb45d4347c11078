// Who of a node's peers is there: greets over new links, sends and judges heartbeats, carries what
// others send to peers. A peer's handle is used while its link stands and never after.
#pragma once

#include "actors/cluster/link_counts.hpp"
#include "actors/cluster/peers_actor.hpp"
#include "actors/homed.hpp"
#include "core/clock.hpp"
#include "core/cluster/peer_messages.hpp"
#include "core/peer_table.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/io/middleman_actor.hpp>
#include <caf/make_message.hpp>
#include <caf/message_id.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::actors {

// What the rest of the node sees of them. Thread safe.
class peer_board {
public:
  using views = std::shared_ptr<const std::vector<peer_view>>;

  // By name; as of the last change or heartbeat. Never null.
  [[nodiscard]] views now() const { return views_.load(); }
  // last_heard of them, counted from when this was made.
  [[nodiscard]] mono_time heard() const noexcept {
    return mono_time{mono_time::duration{heard_.load(std::memory_order_relaxed)}};
  }
  void put(std::vector<peer_view> fresh) {
    heard_.store(last_heard(fresh, made_).time_since_epoch().count(), std::memory_order_relaxed);
    views_ = std::make_shared<const std::vector<peer_view>>(std::move(fresh));
  }

private:
  const mono_time made_ = mono_clock::now();
  std::atomic<mono_time::rep> heard_{mono_time::max().time_since_epoch().count()};
  std::atomic<views> views_{std::make_shared<const std::vector<peer_view>>()};
};

struct peers_terms {
  std::string name;               // this node's
  std::uint64_t incarnation = 0;  // another one after each start
  std::string release;
  std::uint32_t version = peer_v1::version;  // others in tests of mixed versions
  std::uint32_t oldest = peer_v1::oldest;
  std::vector<std::string> expected;  // by configuration; those that DNS tells come by themselves
  peer_terms table = {};
  std::chrono::milliseconds greeting_deadline{2'000};
  std::function<mono_time()> now = mono_clock::now;
  // Ends a link. Any thread.
  std::function<void(std::uint64_t link, link_failure why)> drop;
  std::function<void(const peer_change&)> changed = [](const auto&) {};  // on the actor's thread
  // What is wrong with a peer, in words, once for each of its starts. On the actor's thread.
  std::function<void(std::string_view what, std::string_view peer)> complain =
      [](std::string_view, std::string_view) {};
  // What a peer says about quotas in its own name, in its order. On the actor's thread.
  std::function<void(peer_message)> quota = [](const auto&) {};
  // What a peer that can't read the store asks for. On the actor's thread.
  std::function<result<store::change_part>(const std::string& peer, const store::change_question&)>
      tell_changes = [](const auto&, const auto&) -> result<store::change_part> {
    return fail(errc::service_unavailable);
  };
  std::shared_ptr<peer_board> board = std::make_shared<peer_board>();
};

class peers final : public homed<peers_actor::base> {
public:
  peers(caf::actor_config& cfg, peers_terms terms, caf::io::middleman_actor bridge);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct linked {
    std::uint64_t link = 0;
    std::string peer;
    bool dialled = false;
    link_ticket ticket;
    mono_time since;
    caf::strong_actor_ptr handle;  // null before both have greeted
  };
  struct call {
    std::string peer;
    mono_time until;
    std::function<void(result<caf::message>)> done;
  };

  void connect(const link_opened& to);
  void greet(const linked& at);
  // Peers' interfaces are a matter of versions, not of types.
  template <class Message>
  void pass(const caf::strong_actor_ptr& to, Message&& message) {
    to->enqueue(ctrl(), caf::make_message_id(), caf::make_message(std::forward<Message>(message)),
                context());
  }
  void take_hello(const peer_v1::hello& from);
  void begin(linked& at, const peer_v1::hello& from);
  template <class Message>
  void take_quota(const Message& in);
  void close(const link_closed& which);
  void forget_gone(const std::string& peer);
  void beat();
  void start(peer_call& asked);
  void tell_changes(const peer_v1::changes_ask& asked);
  void settle(std::uint64_t number, caf::message answer);
  void fail_calls(std::string_view peer);
  void end_late_calls(mono_time now);
  void leave(const leave_cluster& asked);
  void tell(const std::optional<peer_change>& change);
  void show();
  void drop(const linked& at, link_failure why) const;

  // Whoever sent the message that is being handled; null: no peer whose link stands.
  linked* sender();
  linked* find(std::string_view peer);
  [[nodiscard]] caf::strong_actor_ptr up(std::string_view peer);

  peers_terms terms_;
  caf::io::middleman_actor bridge_;
  peer_table table_;
  std::map<std::uint64_t, linked> links_;
  std::map<std::uint64_t, call> calls_;
  std::map<std::string, std::uint64_t> foreign_;  // peers' incarnations of another version
  std::set<std::string, std::less<>> gone_;       // from DNS, while their links stand
  std::uint64_t last_call_ = 0;
};

}  // namespace filemint::actors
