#include "metrics/cluster_numbers.hpp"

#include <prometheus/client_metric.h>

namespace filemint::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using label_list = std::vector<ClientMetric::Label>;

void add_gauge(MetricFamily& to, label_list labels, double value) {
  auto& metric = to.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

void add_counter(MetricFamily& to, label_list labels, std::uint64_t value) {
  auto& metric = to.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
}

}  // namespace

std::vector<MetricFamily> cluster_families(const std::vector<peer_numbers>& all) {
  MetricFamily states{"filemint_cluster_peer_state",
                      "1 for the state that a peer is in: up, suspect, down, or left by intent.",
                      MetricType::Gauge,
                      {}};
  MetricFamily trips{"filemint_cluster_round_trip_seconds",
                     "Of the last heartbeat that a peer told back.",
                     MetricType::Gauge,
                     {}};
  MetricFamily links{
      "filemint_cluster_links_total", "Links to a peer that stood.", MetricType::Counter, {}};
  MetricFamily failures{"filemint_cluster_link_failures_total",
                        "Links that did not come about, or ended, by reason.",
                        MetricType::Counter,
                        {}};
  MetricFamily bytes{"filemint_cluster_link_bytes_total",
                     "Bytes over links, inside TLS.",
                     MetricType::Counter,
                     {}};
  for (const auto& each : all) {
    const ClientMetric::Label peer{"peer", each.peer};
    for (const auto state : peer_states) {
      if (each.state.empty()) break;
      add_gauge(states, {peer, {"state", std::string{state}}}, each.state == state ? 1 : 0);
    }
    if (each.round_trip_seconds) add_gauge(trips, {peer}, *each.round_trip_seconds);
    add_counter(links, {peer}, each.links);
    for (const auto& [reason, count] : each.failures) {
      add_counter(failures, {peer, {"reason", std::string{reason}}}, count);
    }
    add_counter(bytes, {peer, {"direction", "in"}}, each.bytes_in);
    add_counter(bytes, {peer, {"direction", "out"}}, each.bytes_out);
  }
  return {std::move(states), std::move(trips), std::move(links), std::move(failures),
          std::move(bytes)};
}

}  // namespace filemint::metrics
