// The first stage: takes a call on while the node has room for it.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace filemint::actors {

class front_end final : public homed<front_end_actor::base> {
public:
  front_end(caf::actor_config& cfg, core_context& core)
      : homed(cfg, core.mailboxes, actor_kind::front_end), core_(core) {}

protected:
  behavior_type make_behavior() override;
  void on_exit() override { next_ = nullptr; }

private:
  void take_on(const arrived& call);

  core_context& core_;
  auth_actor next_;
};

}  // namespace filemint::actors
