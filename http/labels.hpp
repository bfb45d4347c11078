// The values of metric labels that are known at the start, and their places.
#pragma once

#include "core/config/config.hpp"
#include "metrics/core_metrics.hpp"

#include <cstddef>
#include <string_view>

namespace filemint::http {

// Routes as router.hpp names them, "OK" and the catalogue's codes, the configuration's sources.
[[nodiscard]] metrics::dimensions metric_labels(const config& settings);

// Thread safe. What is not there is counted as "other", respectively as an internal error.
[[nodiscard]] std::size_t route_label(std::string_view route) noexcept;
[[nodiscard]] std::size_t code_label(std::string_view code) noexcept;

}  // namespace filemint::http
