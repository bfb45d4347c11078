// What a node tells of the credentials that clouds give out to its sources.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::metrics {

struct credential_numbers {
  std::string backend;
  std::optional<double> age_seconds = {};     // since they came; nothing: there are none yet
  std::optional<double> expiry_seconds = {};  // Unix time
  std::vector<std::pair<std::string_view, std::uint64_t>> renewals = {};  // by outcome
};

[[nodiscard]] std::vector<prometheus::MetricFamily> credential_families(
    const std::vector<credential_numbers>& all);

}  // namespace filemint::metrics
