// Renews one source's credentials ahead of their end: what signs is exchanged, and no call ever
// waits for it.
#pragma once

#include "actors/core_context.hpp"
#include "actors/credential_interface.hpp"
#include "actors/homed.hpp"
#include "actors/kept_credentials.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace filemint::actors {

// One a source whose credentials end, on the core that has them.
class credential_keeper final : public homed<credential_keeper_actor::base> {
public:
  // An answer of which nothing has come for so long will not come: who gives credentials out is
  // near, or a service that answers in tens of milliseconds.
  static constexpr std::chrono::seconds patience{5};
  // All the answers of one go. What takes longer was lost.
  static constexpr std::chrono::seconds longest_renewal{60};
  // How often it looks at the wall clock, at least.
  static constexpr std::chrono::seconds longest_pause{30};

  credential_keeper(caf::actor_config& cfg, core_context& core, std::size_t which)
      : homed(cfg, core.mailboxes, actor_kind::credential_keeper),
        core_(core),
        kept_(*core.kept.at(which)) {}

protected:
  behavior_type make_behavior() override;

private:
  void look();
  void look_in(std::chrono::nanoseconds pause);
  void begin();
  void ask(backends::remote_request request);
  void take(const renewal_answered& answer);
  void go_on(result<backends::renewal_step> step);
  void put(backends::renewed came);
  void fail(const std::string& why);
  void end(renewal_outcome how);

  core_context& core_;
  kept_credentials& kept_;
  // Under way; null: nothing is. Shared with the thread that begins it.
  std::shared_ptr<backends::renewal> renewal_;
  mono_time begun_{};
  std::uint64_t looks_ = 0;  // a tick but the last that was sent counts for nothing
};

}  // namespace filemint::actors
