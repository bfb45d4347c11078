// What becomes of a call once it is known how it stands with its limits; the one place where an
// admitted call is made.
#pragma once

#include "actors/core_context.hpp"
#include "actors/stages.hpp"
#include "core/quota.hpp"

#include <optional>

namespace filemint::actors {

struct admission {
  // For the next stage, now. Nothing: its body is read first, and brings it there.
  [[nodiscard]] static std::optional<admitted> pass(const core_context& core,
                                                    const authenticated& call,
                                                    const quota_admission& how);
  static void refuse(const authenticated& call, const quota_refusal& why, mono_time now);
  static void throttle(const authenticated& call, const quota_throttled& why, mono_time now);
};

}  // namespace filemint::actors
