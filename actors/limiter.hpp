// The third stage: admits a call within its company's window, out of a lease that this core holds,
// or by asking the window's owner for it. Where the key is throttled or the company's tokens are
// counted, the owner is asked for each call.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"
#include "core/quota_lease.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace filemint::actors {

class limiter final : public homed<window_limiter_actor::base> {
public:
  limiter(caf::actor_config& cfg, core_context& core)
      : homed(cfg, core.mailboxes, actor_kind::limiter),
        core_(core),
        owners_(core_.node.load.cores()) {}

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  // What this core knows of one company's window.
  struct window {
    quota_lease lease;
    quota_refusal refusal;              // in force until its next_pass, for its limit
    std::deque<authenticated> waiting;  // for the owner's answer
    bool asked = false;                 // for the oldest of them
    std::uint64_t limit = 0;            // as of the latest call
  };

  // A call that has more to pass than its company's calls: the owner is asked for it alone.
  struct single {
    authenticated call;
    quota_ask ask;
  };

  void limit(const authenticated& call);
  void ask_singly(const authenticated& call, std::uint64_t limit, std::uint64_t tokens,
                  const throttle_terms& throttle);
  void take_single_reply(const quota_reply& reply);
  void admit(const authenticated& call, const quota_admission& how);
  void take_reply(const quota_reply& reply);
  void serve_waiting(window& w, mono_time now);
  void ask(std::uint32_t company, window& w, bool ahead);
  [[nodiscard]] const window_owner_actor& owner_of(std::uint32_t company) const {
    return owners_.at(company % owners_.size());
  }
  void take_owner(std::size_t core, const window_owner_actor& owner);
  void settle(std::uint32_t company, std::optional<quota_settlement> back);
  [[nodiscard]] leases_held held_of(std::size_t core) const;
  void recall(const lease_recalled& wanted);
  void tick();
  void schedule_tick();

  core_context& core_;
  dispatcher_actor next_;
  std::vector<window_owner_actor> owners_;             // by core
  std::unordered_map<std::uint32_t, window> windows_;  // by company
  std::unordered_map<std::uint64_t, single> singles_;  // for the owner's answer
  std::uint64_t last_single_ = 0;
  bool tick_scheduled_ = false;
};

}  // namespace filemint::actors
