#include "metrics/core_metrics.hpp"

#include <cmath>

namespace filemint::metrics {

core_metrics::core_metrics(const dimensions& sizes)
    : codes_(sizes.codes.size()),
      requests_(sizes.routes.size() * sizes.codes.size()),
      backends_(sizes.backends.size()) {}

void core_metrics::observe_window(std::uint64_t left, std::uint64_t limit) noexcept {
  const auto part = static_cast<double>(left) / static_cast<double>(limit);
  windows_.observe(static_cast<std::uint64_t>(std::ceil(part * left_bounds.per_unit)));
}

}  // namespace filemint::metrics
