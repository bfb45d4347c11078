#include "metrics/storage_numbers.hpp"

#include <prometheus/client_metric.h>

#include <cmath>
#include <utility>

namespace filemint::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using label_list = std::vector<ClientMetric::Label>;

ClientMetric& add(MetricFamily& to, label_list labels) {
  auto& metric = to.metric.emplace_back();
  metric.label = std::move(labels);
  return metric;
}

void add_counter(MetricFamily& to, label_list labels, const cell& value) {
  add(to, std::move(labels)).counter.value = static_cast<double>(value.read());
}

void add_histogram(MetricFamily& to, label_list labels, const duration_cells& cells) {
  auto& histogram = add(to, std::move(labels)).histogram;
  constexpr auto& bounds = duration_cells::bounds;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < duration_cells::buckets; ++i) {
    seen += cells.count(i);
    histogram.bucket.push_back({seen, i < bounds.size
                                          ? static_cast<double>(bounds.upper[i]) / bounds.per_unit
                                          : std::numeric_limits<double>::infinity()});
  }
  histogram.sample_count = seen;
  histogram.sample_sum = static_cast<double>(cells.sum()) / bounds.per_unit;
}

}  // namespace

std::size_t circuit_state_of(const storage_cells& cells,
                             std::chrono::steady_clock::time_point now) noexcept {
  const auto state = cells.circuit_state.load();
  return state == 2 && now >= cells.open_until.load() ? 1 : state;
}

std::vector<MetricFamily> storage_families(const std::vector<storage_numbers>& all) {
  MetricFamily probes{"filemint_storage_probes_total",
                      "Files that storages were asked for by HEAD, by how it ended.",
                      MetricType::Counter,
                      {}};
  MetricFamily durations{"filemint_storage_probe_duration_seconds",
                         "Time of a HEAD until its answer.",
                         MetricType::Histogram,
                         {}};
  MetricFamily states{"filemint_storage_circuit_state",
                      "1 for the state that a storage's circuit is in: closed, half_open or open.",
                      MetricType::Gauge,
                      {}};
  MetricFamily held{"filemint_storage_calls_held_back_total",
                    "Calls refused without asking: the circuit was open, or too many waited.",
                    MetricType::Counter,
                    {}};
  MetricFamily lookups{"filemint_storage_cache_lookups_total",
                       "Files looked up among those whose existence is remembered.",
                       MetricType::Counter,
                       {}};
  MetricFamily skews{"filemint_storage_clock_skew_seconds",
                     "How far a storage's clock is ahead of the node's, by its last answer's Date.",
                     MetricType::Gauge,
                     {}};
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [name, cells] : all) {
    const ClientMetric::Label backend{"backend", name};
    for (std::size_t i = 0; i < probe_end_names.size(); ++i) {
      add_counter(probes, {backend, {"outcome", std::string{probe_end_names[i]}}},
                  cells->probes[i]);
    }
    add_histogram(durations, {backend}, cells->durations);
    for (std::size_t i = 0; i < circuit_state_names.size(); ++i) {
      add(states, {backend, {"state", std::string{circuit_state_names[i]}}}).gauge.value =
          circuit_state_of(*cells, now) == i ? 1 : 0;
    }
    add_counter(held, {backend}, cells->held_back);
    add_counter(lookups, {backend, {"result", "hit"}}, cells->cache_hits);
    add_counter(lookups, {backend, {"result", "miss"}}, cells->cache_misses);
    const auto skew = cells->clock_skew.load(std::memory_order_relaxed);
    if (!std::isnan(skew)) add(skews, {backend}).gauge.value = skew;
  }
  return {std::move(probes), std::move(durations), std::move(states),
          std::move(held),   std::move(lookups),   std::move(skews)};
}

}  // namespace filemint::metrics
