// How long to wait before the next try: doubled at each failure, a random part of it taken off, so
// that nodes which lost the same peer do not come back in step.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace filemint {

// Not thread safe.
class back_off {
public:
  struct bounds {
    std::chrono::milliseconds first{100};
    std::chrono::milliseconds most{2'000};
  };

  explicit back_off(bounds terms, std::uint64_t seed = std::random_device{}())
      : terms_(terms), random_(seed) {}

  // From half of the step to all of it; the step is `first`, then twice as long each time, `most`
  // at most.
  std::chrono::milliseconds next() {
    const std::int64_t step =
        std::min(terms_.first.count() << std::min(failures_, 20), terms_.most.count());
    ++failures_;
    std::uniform_int_distribution<std::int64_t> part{step / 2, step};
    return std::chrono::milliseconds{part(random_)};
  }
  void reset() noexcept { failures_ = 0; }

private:
  bounds terms_;
  std::minstd_rand random_;
  int failures_ = 0;
};

}  // namespace filemint
