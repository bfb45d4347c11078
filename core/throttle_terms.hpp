// How often one API key may call: a burst, a rate, a number a day.
#pragma once

#include <cstdint>
#include <limits>

namespace filemint {

// 0: not set here, what stands behind it counts (a key's own, then its company's, then the
// configuration's). 8 bytes: each key record holds one.
struct throttle_terms {
  // Lifted here, whatever stands behind it. Not for `burst`.
  static constexpr std::uint16_t no_rate = std::numeric_limits<std::uint16_t>::max();
  static constexpr std::uint32_t no_day = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint16_t most_rate = 10'000;
  static constexpr std::uint16_t most_burst = 10'000;
  static constexpr std::uint32_t most_a_day = 1'000'000'000;

  std::uint32_t per_day = 0;  // calls in a UTC day
  std::uint16_t rate = 0;     // tokens a second that flow into the bucket
  std::uint16_t burst = 0;    // tokens that it holds

  [[nodiscard]] constexpr bool has_rate() const noexcept { return rate != 0 && rate != no_rate; }
  [[nodiscard]] constexpr bool has_day() const noexcept {
    return per_day != 0 && per_day != no_day;
  }
  [[nodiscard]] constexpr bool any() const noexcept { return has_rate() || has_day(); }

  [[nodiscard]] constexpr throttle_terms or_else(const throttle_terms& behind) const noexcept {
    return {.per_day = per_day != 0 ? per_day : behind.per_day,
            .rate = rate != 0 ? rate : behind.rate,
            .burst = burst != 0 ? burst : behind.burst};
  }

  friend bool operator==(const throttle_terms&, const throttle_terms&) = default;
};

}  // namespace filemint
