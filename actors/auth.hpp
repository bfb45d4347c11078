// The second stage: finds who is calling, in the snapshot that the call then keeps until its
// answer.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace filemint::actors {

class auth final : public homed<auth_actor::base> {
public:
  auth(caf::actor_config& cfg, core_context& core)
      : homed(cfg, core.mailboxes, actor_kind::auth), core_(core) {}

protected:
  behavior_type make_behavior() override;
  void on_exit() override { next_ = nullptr; }

private:
  void identify(const received& call);

  core_context& core_;
  limiter_actor next_;
};

}  // namespace filemint::actors
