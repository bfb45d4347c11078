// How many calls a key has made today, in UTC.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <cstdint>

namespace filemint {

// A clock that is set back does not give a day's calls anew: the count goes on until the clock has
// caught up. Set back by more than a day it is believed, and the count goes on in the day that it
// tells: a clock that was years ahead for a moment would else lock the key for years. Thread
// safety: none, one owner.
class day_count {
public:
  day_count() = default;
  // As it was kept.
  day_count(std::chrono::sys_days day, std::uint64_t calls) : day_(day), calls_(calls) {}

  // When the next call passes under this limit (at least 1): now, or at the next midnight.
  [[nodiscard]] wall_time next_pass(wall_time now, std::uint64_t limit);

  // For a call that passes now.
  void take(wall_time now) {
    turn_to(now);
    ++calls_;
  }

  [[nodiscard]] std::chrono::sys_days day() const noexcept { return day_; }
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }

  friend bool operator==(const day_count&, const day_count&) = default;

private:
  void turn_to(wall_time now);

  std::chrono::sys_days day_{};
  std::uint64_t calls_ = 0;
};

// The later day, and of one day the higher count: neither ever goes back.
[[nodiscard]] inline const day_count& later_of(const day_count& a, const day_count& b) noexcept {
  if (a.day() != b.day()) return a.day() < b.day() ? b : a;
  return a.calls() < b.calls() ? b : a;
}

}  // namespace filemint
