// Owns the windows of the companies that fall to its core, and their keys' throttles; leases the
// windows out to the limiters of all cores. What is counted lies in the core's context: an owner
// that is started again goes on where the lost one ended.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"
#include "core/company_quota.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace filemint::actors {

class window_owner final : public homed<window_owner_actor::base> {
public:
  window_owner(caf::actor_config& cfg, core_context& core)
      : homed(cfg, core.mailboxes, actor_kind::window_owner),
        core_(core),
        limiters_(core_.node.load.cores()) {}

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  // Of one company: for leases that were recalled, or for the limiter to be introduced, since it
  // may ask before that.
  using queue = std::deque<quota_ask>;

  void take_ask(const quota_ask& ask);
  // Another one may still stand for that core: a new limiter's ask overtakes its introduction.
  [[nodiscard]] bool knows_asker_of(const quota_ask& ask) const;
  void know(std::size_t core, const window_limiter_actor& limiter);
  // Its other leases went back to an owner that has ended, or were another limiter's.
  void take_held(const leases_held& held);
  // False: it has to wait.
  bool answer(const quota_ask& ask);
  void answer_waiting(queue& waiting);
  void answer_all_waiting();
  company_quota& quota_of(std::uint32_t company);
  void reply(const quota_ask& ask, quota_answer answer);
  void tick();
  void schedule_tick(std::chrono::nanoseconds in);

  core_context& core_;
  std::vector<window_limiter_actor> limiters_;        // by core
  std::unordered_map<std::uint32_t, queue> waiting_;  // by company
  mono_time next_tick_ = mono_time::max();
};

}  // namespace filemint::actors
