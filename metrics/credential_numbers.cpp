#include "metrics/credential_numbers.hpp"

#include <prometheus/client_metric.h>

namespace filemint::metrics {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::vector<MetricFamily> credential_families(const std::vector<credential_numbers>& all) {
  MetricFamily ages{"filemint_credentials_age_seconds",
                    "Since a cloud gave out the credentials that sign for a source.",
                    MetricType::Gauge,
                    {}};
  MetricFamily ends{"filemint_credentials_expiry_timestamp_seconds",
                    "When the credentials end that sign for a source.",
                    MetricType::Gauge,
                    {}};
  MetricFamily renewals{
      "filemint_credentials_renewals_total",
      "Times that a cloud was asked for credentials: renewed, unchanged (the same "
      "came) or failed.",
      MetricType::Counter,
      {}};
  for (const auto& each : all) {
    const ClientMetric::Label backend{"backend", each.backend};
    const auto add_gauge = [&](MetricFamily& to, const std::optional<double>& value) {
      if (!value) return;
      auto& metric = to.metric.emplace_back();
      metric.label = {backend};
      metric.gauge.value = *value;
    };
    add_gauge(ages, each.age_seconds);
    add_gauge(ends, each.expiry_seconds);
    for (const auto& [outcome, count] : each.renewals) {
      auto& metric = renewals.metric.emplace_back();
      metric.label = {backend, {"outcome", std::string{outcome}}};
      metric.counter.value = static_cast<double>(count);
    }
  }
  return {std::move(ages), std::move(ends), std::move(renewals)};
}

}  // namespace filemint::metrics
