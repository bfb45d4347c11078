#include "metrics/histogram_cells.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace filemint::metrics::histogram_cells_test {
namespace {

constexpr auto infinite = std::numeric_limits<std::uint64_t>::max();

// What a linear search finds: the first bound that is not below the value.
template <class Bounds>
std::size_t searched(const Bounds& bounds, std::uint64_t value) {
  const auto end = bounds.upper.begin() + Bounds::size;
  return static_cast<std::size_t>(std::lower_bound(bounds.upper.begin(), end, value) -
                                  bounds.upper.begin());
}

template <class Bounds>
void expect_edges(const Bounds& bounds) {
  for (std::size_t i = 0; i < Bounds::size; ++i) {
    const auto upper = bounds.upper[i];
    EXPECT_EQ(bounds.bucket_of(upper), i) << "a bound lies in its own bucket: " << upper;
    EXPECT_EQ(bounds.bucket_of(upper + 1), i + 1) << upper;
    EXPECT_EQ(bounds.bucket_of(upper - 1), searched(bounds, upper - 1)) << upper;
  }
  for (unsigned bit = 0; bit < 64; ++bit) {
    const auto power = std::uint64_t{1} << bit;
    for (const auto value : {power - 1, power, power + 1}) {
      EXPECT_EQ(bounds.bucket_of(value), searched(bounds, value)) << value;
    }
  }
  EXPECT_EQ(bounds.bucket_of(0), 0u);
  EXPECT_EQ(bounds.bucket_of(infinite), Bounds::size);
}

TEST(BucketBounds, FindTheBucketOfEachEdge) {
  expect_edges(duration_bounds);
  expect_edges(phase_bounds);
  expect_edges(batch_bounds);
  expect_edges(left_bounds);
}

TEST(BucketBounds, ReachFromFiveMicrosecondsToTenSecondsForMints) {
  EXPECT_EQ(duration_bounds.upper.front(), 5'000u);
  EXPECT_EQ(duration_bounds.upper[decltype(duration_bounds)::size - 1], 10'000'000'000u);
}

TEST(HistogramCells, CountEachObservationOnce) {
  duration_cells cells;
  for (const std::uint64_t ns : {0ull, 5'000ull, 5'001ull, 10'000'000'000ull, 10'000'000'001ull}) {
    cells.observe(ns);
  }
  EXPECT_EQ(cells.count(0), 2u);
  EXPECT_EQ(cells.count(1), 1u);
  EXPECT_EQ(cells.count(19), 1u);
  EXPECT_EQ(cells.count(20), 1u);
  EXPECT_EQ(cells.sum(), 20'000'010'002u);
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < duration_cells::buckets; ++i) all += cells.count(i);
  EXPECT_EQ(all, 5u);
}

TEST(CellArray, KeepsTheCellsOfTwoWritersOnLinesOfTheirOwn) {
  cell_array one(3), two(3);
  const auto line_of = [](const cell& c) {
    return reinterpret_cast<std::uintptr_t>(&c) / cache_line;
  };
  EXPECT_NE(line_of(one[2]), line_of(two[0]));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&one[0]) % cache_line, 0u);
  cell_array many(17);
  many[16].add(5);
  EXPECT_EQ(many[16].read(), 5u);
  EXPECT_EQ(many[15].read(), 0u);
}

}  // namespace
}  // namespace filemint::metrics::histogram_cells_test
