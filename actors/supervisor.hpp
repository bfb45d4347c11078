// Keeps one core's actors alive: spawns them, starts an ended one anew on the same worker, and
// tells its neighbours the new handle. What was queued for the ended one is answered 500 as its
// exchanges are dropped.
#pragma once

#include "actors/core_context.hpp"
#include "actors/core_entrance.hpp"
#include "actors/credential_interface.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <vector>

namespace filemint::actors {

class supervisor final : public homed<supervisor_actor::base> {
public:
  supervisor(caf::actor_config& cfg, core_context& core, core_entrance& entrance);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  // Starts whoever is missing, and tells everybody of everybody: those who know it already take no
  // notice.
  void complete_the_set();
  void replace(const caf::down_msg& down);
  void end_the_set();
  // The actors of all cores hear of this core's.
  void introduce();

  template <class Actor, class Handle, class... Args>
  void keep(Handle& handle, Args&&... args);
  template <class Visit>
  void for_each_actor(Visit visit);

  core_context& core_;
  core_entrance& entrance_;
  auth_actor auth_;
  // By itself:
  window_owner_actor owner_;
  window_limiter_actor window_limiter_;
  // In a cluster:
  cluster_limiter_actor cluster_limiter_;
  std::vector<minter_actor> minters_;             // by source
  std::vector<credential_keeper_actor> keepers_;  // of the core's credentials
  std::vector<supervisor_actor> all_;             // by core
};

}  // namespace filemint::actors
