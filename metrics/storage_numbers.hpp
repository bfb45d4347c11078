// What a node tells of the object stores that it asks whether files exist.
#pragma once

#include "metrics/cell.hpp"
#include "metrics/histogram_cells.hpp"

#include <prometheus/metric_family.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::metrics {

// How asking for one file ended. forbidden: 403; rejected: another answer that says nothing of the
// file, as one of a wrong region; throttled: the storage said slow down; late: not in time;
// not_made: too many waited already.
enum class probe_end : std::uint8_t {
  exists,
  missing,
  forbidden,
  rejected,
  throttled,
  failed,
  late,
  not_made
};
inline constexpr std::array<std::string_view, 8> probe_end_names{
    "exists", "missing", "forbidden", "rejected", "throttled", "failed", "late", "not_made"};

inline constexpr std::array<std::string_view, 3> circuit_state_names{"closed", "half_open", "open"};

// Thread safety: one thread writes, always the same; any may read.
struct alignas(cache_line) storage_cells {
  std::array<cell, probe_end_names.size()> probes;
  duration_cells durations;
  cell cache_hits, cache_misses;              // paths
  cell held_back;                             // calls: the circuit was open, or too many waited
  std::atomic<std::size_t> circuit_state{0};  // of circuit_state_names
  // From then on an open one can be tried, which is half_open, whether somebody does or not.
  std::atomic<std::chrono::steady_clock::time_point> open_until{
      std::chrono::steady_clock::time_point::max()};
  // Seconds that the storage's clock is ahead; NaN: it has told none yet.
  std::atomic<double> clock_skew{std::numeric_limits<double>::quiet_NaN()};
};

// Any thread.
[[nodiscard]] std::size_t circuit_state_of(const storage_cells& cells,
                                           std::chrono::steady_clock::time_point now) noexcept;

struct storage_numbers {
  std::string backend;
  const storage_cells* cells;
};

[[nodiscard]] std::vector<prometheus::MetricFamily> storage_families(
    const std::vector<storage_numbers>& all);

}  // namespace filemint::metrics
