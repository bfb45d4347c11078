// A token bucket: `burst` tokens at first, refilled at `rate` a second; each call takes one. Exact,
// in billionths of a token: from any admission on, no more than burst + rate × seconds are
// admitted, and none is refused that this allows.
#pragma once

#include "core/clock.hpp"

#include <cstdint>

namespace filemint {

// Rate and burst, at least 1 each, may differ from call to call: the latest count. Times passed in
// never go back. Every function is O(1). Thread safety: none, one owner.
class token_bucket {
public:
  // When the next call passes: now, or once there is a whole token again.
  [[nodiscard]] mono_time next_pass(mono_time now, std::uint32_t rate, std::uint32_t burst);

  // For a call that passes now.
  void take() noexcept { missing_ += token; }

  // Full again at the rate that it was last asked with: as good as a new one.
  [[nodiscard]] bool full(mono_time now) const noexcept;

private:
  static constexpr std::uint64_t token = 1'000'000'000;

  [[nodiscard]] std::uint64_t missing_at(mono_time now, std::uint64_t rate) const noexcept;

  std::uint64_t missing_ = 0;  // from a full bucket, at seen_
  std::uint32_t rate_ = 1;
  mono_time seen_{};
};

}  // namespace filemint
