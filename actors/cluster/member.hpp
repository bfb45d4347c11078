// A node's membership of its cluster: link, BASP over it, and the peers actor, begun and ended in
// order.
#pragma once

#include "actors/cluster/link_terms.hpp"
#include "actors/cluster/peer_link.hpp"
#include "actors/cluster/peer_v1.hpp"
#include "actors/cluster/peers.hpp"
#include "actors/cluster/peers_actor.hpp"
#include "actors/cluster/resolver.hpp"
#include "actors/cluster/streams.hpp"
#include "actors/worker.hpp"
#include "core/cluster/peer_messages.hpp"
#include "core/peer_table.hpp"
#include "core/result.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace filemint::actors {

struct member_terms {
  link_terms link;
  peer_terms peers = {};
  std::uint64_t incarnation = 0;  // another one after each start
  std::string release = {};
  std::uint32_t version = peer_v1::version;  // others in tests of mixed versions
  std::uint32_t oldest = peer_v1::oldest;
};

// Any thread; they must not block.
struct member_hooks {
  std::function<void(bool wrong, std::string_view what, std::string_view peer)> report =
      [](bool, std::string_view, std::string_view) {};
  std::function<void(const peer_change&)> changed = [](const auto&) {};
  std::function<result<store::change_part>(const std::string& peer, const store::change_question&)>
      tell_changes = peers_terms{}.tell_changes;                 // see peers_terms
  std::function<void(peer_message)> quota = [](const auto&) {};  // see peers_terms
};

// Thread safety: made, left and ended by one thread, which is no worker; the rest on any.
class member {
public:
  // Before the system is made.
  static void load_into(caf::actor_system_config& settings);

  // `home`: the worker of the peers actor. It is to be stopped before the system ends, and to be
  // gone after it, and after it `names`. Errors: peer_link::open's, io_failed.
  [[nodiscard]] static result<std::unique_ptr<member>> start(caf::actor_system& system,
                                                             worker* home, member_terms terms,
                                                             resolver& names, member_hooks hooks);
  member(const member&) = delete;
  member& operator=(const member&) = delete;
  ~member() { stop(); }

  [[nodiscard]] peer_link& link() const noexcept { return *link_; }
  [[nodiscard]] const peers_actor& peers() const noexcept { return peers_; }
  [[nodiscard]] peer_board::views board() const { return board_->now(); }
  [[nodiscard]] mono_time heard() const noexcept { return board_->heard(); }

  // Tells the peers that this node ends by intent, and waits until they know, a second at most.
  void leave();
  void stop();

private:
  member() = default;

  std::shared_ptr<streams> between_ = std::make_shared<streams>();
  std::shared_ptr<peer_board> board_ = std::make_shared<peer_board>();
  std::unique_ptr<peer_link> link_;
  caf::io::middleman_actor bridge_;
  peers_actor peers_;
  const std::shared_ptr<peers_actor> later_ = std::make_shared<peers_actor>();  // for the link
};

}  // namespace filemint::actors
