// A histogram that one thread writes and any thread may read: an observation costs a table look-up,
// a comparison and two plain adds.
#pragma once

#include "metrics/cell.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace filemint::metrics {

// The upper bounds (included) of a histogram's buckets, ascending; each at least twice the one
// before. So at most one lies between two powers of two, and a value's bit width leads to its
// bucket with one comparison.
template <std::size_t N>
struct bucket_bounds {
  static constexpr std::size_t size = N;

  std::array<std::uint64_t, N + 1> upper{};  // the last: infinity
  double per_unit = 1;                       // observations in one base unit: 1e9 for nanoseconds
  std::array<std::uint8_t, 65> below{};      // by bit width w: how many bounds lie below 2^(w-1)

  consteval bucket_bounds(const std::array<std::uint64_t, N>& bounds, double observations_per_unit)
      : per_unit(observations_per_unit) {
    for (std::size_t i = 0; i < N; ++i) {
      if (i > 0 && bounds[i] < 2 * bounds[i - 1]) throw "bounds lie too close";
      upper[i] = bounds[i];
    }
    upper[N] = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t width = 1; width <= 64; ++width) {
      for (const auto bound : bounds) {
        if (bound < std::uint64_t{1} << (width - 1)) ++below[width];
      }
    }
  }

  // 0 to N; N: above all bounds.
  [[nodiscard]] constexpr std::size_t bucket_of(std::uint64_t value) const noexcept {
    const std::size_t first = below[static_cast<std::size_t>(std::bit_width(value))];
    return first + (value > upper[first]);
  }
};

// Nanoseconds, from 5 µs to 10 s.
inline constexpr bucket_bounds<20> duration_bounds{
    {5'000,       10'000,        20'000,        50'000,        100'000,
     200'000,     500'000,       1'000'000,     2'000'000,     5'000'000,
     10'000'000,  20'000'000,    50'000'000,    100'000'000,   200'000'000,
     500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000},
    1e9};

// Nanoseconds, from 200 ns to 10 s: most phases of a request are shorter than the shortest mint.
inline constexpr bucket_bounds<24> phase_bounds{
    {200,         500,         1'000,         2'000,         5'000,         10'000,
     20'000,      50'000,      100'000,       200'000,       500'000,       1'000'000,
     2'000'000,   5'000'000,   10'000'000,    20'000'000,    50'000'000,    100'000'000,
     200'000'000, 500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000},
    1e9};

// Paths in a request.
inline constexpr bucket_bounds<13> batch_bounds{
    {1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000, 2'000, 5'000, 10'000}, 1};

// What is left of a whole, in thousandths.
inline constexpr bucket_bounds<7> left_bounds{{10, 20, 50, 100, 200, 500, 1'000}, 1'000};

// Thread safety: observe() on one thread, always the same; the others on any. The sum wraps at 2^64
// (584 years).
template <const auto& Bounds>
class alignas(cache_line) histogram_cells {
public:
  static constexpr auto bounds = Bounds;
  static constexpr std::size_t buckets = Bounds.size + 1;

  void observe(std::uint64_t value) noexcept {
    counts_[Bounds.bucket_of(value)].add(1);
    sum_.add(value);
  }

  [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept {
    return counts_[bucket].read();
  }
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_.read(); }

private:
  std::array<cell, buckets> counts_;
  cell sum_;
};

using duration_cells = histogram_cells<duration_bounds>;
using phase_cells = histogram_cells<phase_bounds>;
using batch_cells = histogram_cells<batch_bounds>;
using left_cells = histogram_cells<left_bounds>;

}  // namespace filemint::metrics
