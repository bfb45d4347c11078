// A running node's part in its cluster: from its configuration, for its log, metrics and admin
// port.
#pragma once

#include "actors/cluster/member.hpp"
#include "actors/cluster/resolver.hpp"
#include "actors/worker.hpp"
#include "core/cluster/peer_messages.hpp"
#include "core/config/config.hpp"
#include "core/result.hpp"
#include "http/log.hpp"
#include "metrics/cluster_numbers.hpp"
#include "src/watched_certificate.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace filemint {

// Thread safety: joined, left and stopped by one thread, which is no worker; the rest on any. It is
// to be stopped before the actor system ends, and to go after it.
class cluster_membership {
public:
  using quota_hook = std::function<void(peer_message)>;
  using changes_hook = decltype(actors::member_hooks::tell_changes);

  // Another one at each start of a process; grows unless the wall clock runs backwards.
  [[nodiscard]] static std::uint64_t new_incarnation();

  // `quota` takes what other nodes say of quotas, `tell_changes` what they ask of the store, on
  // `home`. Errors: a certificate or a key that is
  // missing or not right, io_failed: the port is in use.
  [[nodiscard]] static result<std::unique_ptr<cluster_membership>> join(
      caf::actor_system& system, actors::worker& home, const config& settings,
      std::uint64_t incarnation, http::log& log, quota_hook quota, changes_hook tell_changes);
  cluster_membership(const cluster_membership&) = delete;
  cluster_membership& operator=(const cluster_membership&) = delete;

  // When a peer was last heard, see last_heard.
  [[nodiscard]] mono_time heard() const noexcept { return member_->heard(); }
  [[nodiscard]] const actors::peers_actor& peers() const noexcept { return member_->peers(); }
  // Peers that can be asked.
  [[nodiscard]] std::vector<std::string> up() const;
  // Asks that peer what has changed in the store. `done` is called once, on a core's thread.
  void ask(const std::string& peer, const store::change_question& asked,
           std::function<void(result<store::change_part>)> done) const;
  // Every peer is there, or has ended by intent.
  [[nodiscard]] bool is_well() const;
  // All nodes that count, by the store's list, or the configuration's; any thread.
  void set_members(std::vector<std::string> names) {
    members_ = std::make_shared<const std::vector<std::string>>(std::move(names));
  }
  // {"name": …, "members": ["…"], "peers": [{"name": …, "state": "up", …}]}
  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::vector<metrics::peer_numbers> numbers() const;
  [[nodiscard]] watched_certificate certificate() const;

  // Tells the peers that this node ends by intent; a second at most.
  void leave() { member_->leave(); }
  void stop() { member_->stop(); }

private:
  cluster_membership() = default;

  std::string name_;
  std::atomic<std::shared_ptr<const std::vector<std::string>>> members_{
      std::make_shared<const std::vector<std::string>>()};
  actors::system_resolver names_;
  std::unique_ptr<actors::member> member_;
};

}  // namespace filemint
