// The exact sliding 60-second window of one company: how many calls were admitted when, in ticks of
// 10 ms.
//
// A call at time t is recorded at the first tick at or after t and leaves 60 s after that tick. So
// no 60-second span of real admissions holds more than the window was let hold, and a call is
// remembered at most 10 ms too long.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace filemint {

inline constexpr std::chrono::seconds window_length{60};

// A count of 10 ms steps since the monotonic clock's epoch.
using tick_length = std::chrono::duration<std::int64_t, std::centi>;
using tick = std::chrono::time_point<mono_clock, tick_length>;

// The first tick at or after t.
[[nodiscard]] constexpr tick tick_of(mono_time t) noexcept {
  return std::chrono::ceil<tick_length>(t);
}

struct tick_count {
  tick at;
  std::uint64_t calls = 0;
  friend bool operator==(const tick_count&, const tick_count&) = default;
};

// Holds one entry a tick that had calls: at most 6,001, and never more than calls in the window.
// Every function is O(1) amortised, but for what its comment says. Times passed in never go back.
// Thread safety: none, one owner.
class rate_window {
public:
  // Calls admitted in the 60 s before now, to the tick.
  [[nodiscard]] std::uint64_t used(mono_time now);

  // A tick that has left the window already is ignored. Costs O(ticks recorded after it): about 100
  // for a lease's.
  void add(mono_time now, tick at, std::uint64_t calls);

  // When the next call passes under this limit (at least 1): now, or when enough have left. Costs
  // O(entries leaving).
  [[nodiscard]] mono_time next_free(mono_time now, std::uint64_t limit);

  // When the last call leaves; now, if none is in.
  [[nodiscard]] mono_time empty_at(mono_time now);

  [[nodiscard]] std::size_t entries() const noexcept { return log_.size(); }

private:
  void forget(mono_time now);

  std::deque<tick_count> log_;  // by tick, ascending
  std::uint64_t total_ = 0;
};

}  // namespace filemint
