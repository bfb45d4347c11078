// A node's part in what the nodes of a cluster share of the windows: it keeps time for the hub, and
// carries its letters between the limiters of all cores, the hub and other nodes.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace filemint::actors {

// One a node, on the core that has the seat.
class quota_relay final : public homed<quota_relay_actor::base> {
public:
  quota_relay(caf::actor_config& cfg, core_context& core)
      : homed(cfg, core.mailboxes, actor_kind::quota_relay),
        core_(core),
        seat_(*core.seat),
        limiters_(core.node.load.cores()) {}

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  void begin(const std::vector<std::string>& members);
  void tick();
  // Letters leave, mail is dealt out, and who asks hears of new owners.
  void deliver(const instant& now);

  core_context& core_;
  quota_seat& seat_;
  std::vector<cluster_limiter_actor> limiters_;  // by core
  std::shared_ptr<const quota_routes> told_;     // them
  std::function<void()> left_;                   // set: the node ends by intent
};

}  // namespace filemint::actors
