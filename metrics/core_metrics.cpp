#include "metrics/core_metrics.hpp"

namespace filemint::metrics {

core_metrics::core_metrics(const dimensions& sizes)
    : codes_(sizes.codes.size()),
      requests_(sizes.routes.size() * sizes.codes.size()),
      backends_(sizes.backends.size()) {}

}  // namespace filemint::metrics
