// A clustered node's share in the limits that all nodes keep together: what leads from its cores to
// the link and back, begun and ended in order.
#pragma once

#include "actors/cluster/peers_actor.hpp"
#include "core/cluster/peer_messages.hpp"
#include "core/config/config.hpp"
#include "core/day_book.hpp"
#include "src/node_core.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace filemint {

// Thread safety: the node's thread, but for what is said.
class quota_share {
public:
  // Before the cores' supervisors are spawned.
  quota_share(const config& settings, std::uint64_t incarnation, day_book& days,
              const std::vector<std::unique_ptr<node_core>>& cores);

  // Its letters go there from now on.
  void connect(const actors::peers_actor& peers);
  // From another node. On the first core's thread, which is that of the peers actor.
  void receive(peer_message letter) const;
  // All nodes of the cluster. It takes part from the first time on. Any thread.
  void tell_members(std::vector<std::string> names) const;
  // Calls have owners to ask. Any thread.
  [[nodiscard]] bool routed() const noexcept;

  // Hands over what this node owns. `done` on any thread.
  void leave(std::function<void()> done) const;
  // Says goodbye, after the last call.
  void end(std::function<void()> done) const;

private:
  void tell_relay(auto message) const;

  const std::vector<std::unique_ptr<node_core>>& cores_;
  actors::quota_seat* seat_ = nullptr;  // the first core's
};

}  // namespace filemint
