#include "core/token_bucket.hpp"

#include <algorithm>
#include <chrono>

namespace filemint {

mono_time token_bucket::next_pass(mono_time now, std::uint32_t rate, std::uint32_t burst) {
  missing_ = std::min(missing_at(now, rate), burst * token);
  rate_ = rate;
  seen_ = now;
  const auto most = (burst - 1) * token;
  if (missing_ <= most) return now;
  return now + std::chrono::nanoseconds{(missing_ - most + rate - 1) / rate};
}

bool token_bucket::full(mono_time now) const noexcept {
  return missing_at(now, rate_) == 0;
}

std::uint64_t token_bucket::missing_at(mono_time now, std::uint64_t rate) const noexcept {
  const auto passed = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now - seen_).count());
  if (passed > missing_ / rate) return 0;
  return missing_ - passed * rate;
}

}  // namespace filemint
