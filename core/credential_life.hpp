// When credentials that end are asked for anew: ahead of their end, and after a failure with
// growing pauses.
#pragma once

#include "core/back_off.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <cstdint>
#include <random>

namespace filemint {

// Not thread safe.
class credential_life {
public:
  // Until they are asked for again when an answer held the ones that were known: a cloud may make
  // others only minutes before the end.
  static constexpr std::chrono::seconds same_again{60};
  // Of pauses after failures. The first may be as short as half of its own.
  static constexpr back_off::bounds pauses{std::chrono::seconds{1}, std::chrono::seconds{30}};

  explicit credential_life(std::uint64_t seed = std::random_device{}())
      : random_(seed), pause_(pauses, seed) {}

  // They came, and end then. True: others than were known.
  bool renewed(const instant& now, wall_time ends);
  void failed(const instant& now);

  // Once three quarters of their life are over, a random part earlier, so that nodes that started
  // together do not ask together. Before the first ones: at once. By either clock: the wall clock
  // may step.
  [[nodiscard]] bool is_due(const instant& now) const noexcept {
    return now.mono >= not_before_ && (now.mono >= at_last_ || now.wall >= by_wall_);
  }
  // Until it is due, if the wall clock does not step.
  [[nodiscard]] std::chrono::nanoseconds until_due(const instant& now) const noexcept;

  // Before the first ones: the beginning of time.
  [[nodiscard]] wall_time ends() const noexcept { return ends_; }
  [[nodiscard]] bool is_over(wall_time now) const noexcept { return now >= ends_; }

private:
  std::minstd_rand random_;
  back_off pause_;
  wall_time ends_ = wall_time::min();
  mono_time not_before_ = mono_time::min();
  mono_time at_last_ = mono_time::min();  // or
  wall_time by_wall_ = wall_time::min();
};

}  // namespace filemint
