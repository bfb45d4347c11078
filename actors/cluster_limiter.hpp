// The third stage in a cluster: admits a call within its company's window, out of a lease that this
// core holds, or by asking whichever node owns the window.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

namespace filemint::actors {

class cluster_limiter final : public homed<cluster_limiter_actor::base> {
public:
  cluster_limiter(caf::actor_config& cfg, core_context& core)
      : homed(cfg, core.mailboxes, actor_kind::limiter), core_(core), asker_(*core.asker) {}

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using throttle_answer = std::function<void(std::optional<mono_time>)>;

  void limit(const authenticated& call);
  void admit(const authenticated& call, const quota_admission& how);
  void ask_throttle(const throttle_ask& ask);
  void take(const quota_asker::outcome& how, mono_time now);
  void take_single(const quota_asker::outcome& how, mono_time now);
  void tick();
  void give_up_oldest(const std::string& company);
  void give_up_answered();
  // Letters leave, outcomes are taken.
  void settle(mono_time now);
  [[nodiscard]] const std::string& id_of(std::uint32_t company) const {
    return core_.known->people.company_at(company).id;
  }

  core_context& core_;
  quota_asker& asker_;
  dispatcher_actor next_;
  quota_relay_actor relay_;
  std::unordered_map<std::string, std::deque<authenticated>> waiting_;  // by company
  std::unordered_map<std::uint64_t, authenticated> singles_;            // by the asker's number
  std::unordered_map<std::uint64_t, throttle_answer> throttles_;        // by the asker's number
  bool tick_scheduled_ = false;
};

}  // namespace filemint::actors
