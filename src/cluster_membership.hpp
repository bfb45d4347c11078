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
#include "src/certificate_watch.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace filemint {

// Thread safety: joined, left and stopped by one thread, which is no worker; the rest on any. It is
// to be stopped before the actor system ends, and to go after it.
class cluster_membership {
public:
  using quota_hook = std::function<void(peer_message)>;

  // Another one at each start of a process; grows unless the wall clock runs backwards.
  [[nodiscard]] static std::uint64_t new_incarnation();

  // `quota` takes what other nodes say of quotas, on `home`. Errors: a certificate or a key that is
  // missing or not right, io_failed: the port is in use.
  [[nodiscard]] static result<std::unique_ptr<cluster_membership>> join(
      caf::actor_system& system, actors::worker& home, const config& settings,
      std::uint64_t incarnation, http::log& log, quota_hook quota);
  cluster_membership(const cluster_membership&) = delete;
  cluster_membership& operator=(const cluster_membership&) = delete;

  [[nodiscard]] const actors::peers_actor& peers() const noexcept { return member_->peers(); }
  // Every peer is there, or has ended by intent.
  [[nodiscard]] bool is_well() const;
  // {"name": …, "peers": [{"name": …, "state": "up", …}]}
  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::vector<metrics::peer_numbers> numbers() const;
  [[nodiscard]] watched_certificate certificate() const;

  // Tells the peers that this node ends by intent; a second at most.
  void leave() { member_->leave(); }
  void stop() { member_->stop(); }

private:
  cluster_membership() = default;

  std::string name_;
  actors::system_resolver names_;
  std::unique_ptr<actors::member> member_;
};

}  // namespace filemint
