// What a node of a cluster tells of its peers and of the links to them.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::metrics {

// left: down, after it has ended by intent.
inline constexpr std::array<std::string_view, 4> peer_states{"down", "suspect", "up", "left"};

struct peer_numbers {
  std::string peer;        // its configured name, or (unknown)
  std::string state = {};  // one of peer_states; empty: it has none
  std::optional<double> round_trip_seconds = {};
  std::uint64_t links = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::vector<std::pair<std::string_view, std::uint64_t>> failures = {};  // by reason
};

[[nodiscard]] std::vector<prometheus::MetricFamily> cluster_families(
    const std::vector<peer_numbers>& all);

}  // namespace filemint::metrics
