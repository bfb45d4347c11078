// All metrics of a node: a struct a core, and the numbers that others own, summed when they are
// scraped.
#pragma once

#include "metrics/cluster_numbers.hpp"
#include "metrics/core_metrics.hpp"
#include "metrics/credential_numbers.hpp"
#include "metrics/storage_numbers.hpp"

#include <prometheus/collectable.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::metrics {

// Thread safety: text() and Collect() on any thread, the watch functions too; core(i) as
// core_metrics says. What is watched is called by whichever thread scrapes, until the exposition is
// gone or forget_watched() has returned.
class exposition final : public prometheus::Collectable {
public:
  using source = std::function<double()>;

  exposition(dimensions labels, std::size_t cores, std::string_view version);

  [[nodiscard]] core_metrics& core(std::size_t i) noexcept { return *cores_[i]; }
  [[nodiscard]] std::size_t cores() const noexcept { return cores_.size(); }

  // The messages that wait for the actors of a kind (auth, limiter, ...): those of all cores are
  // added up.
  void watch_mailbox(std::string_view kind, source length);
  // The actors that wait for their turn on a core: called once a core, in their order.
  void watch_run_queue(source length);
  // What the node takes on at most (requests, body_bytes, ...), and how much of it is taken.
  void watch_budget(std::string_view name, source used, source limit);
  // Seconds since the store's state was last confirmed.
  void watch_store_age(source seconds);
  // Log lines dropped since the start.
  void watch_dropped_log_lines(source lines);
  // Steps of the wall clock by more than 2 s, since the start.
  void watch_wall_clock_steps(source steps);
  // Unix seconds at which a listener's certificate expires.
  void watch_certificate(std::string_view listener, source expiry);
  // Reloads of the configuration since the start, by how they ended.
  void watch_config_reloads(std::string_view outcome, source reloads);
  // The peers of a node of a cluster.
  void watch_cluster(std::function<std::vector<peer_numbers>()> peers);
  // The object stores that are asked whether files exist.
  void watch_storages(std::function<std::vector<storage_numbers>()> storages);
  // The credentials of sources that clouds give out.
  void watch_credentials(std::function<std::vector<credential_numbers>()> credentials);
  // Before what is watched goes.
  void forget_watched();

  // All families in the Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
  using families = std::vector<prometheus::MetricFamily>;
  void collect_requests(families& out) const;
  void collect_mints(families& out) const;
  void collect_totals(families& out) const;
  void collect_watched(families& out) const;
  void collect_budgets(families& out) const;
  void collect_reloads(families& out) const;

  struct budget {
    std::string name;
    source used;
    source limit;
  };

  dimensions labels_;
  prometheus::Registry registry_;
  std::vector<std::unique_ptr<core_metrics>> cores_;

  mutable std::mutex watched_mutex_;  // guards what follows
  std::map<std::string, std::vector<source>, std::less<>> mailboxes_;
  std::vector<source> run_queues_;  // by core
  std::vector<budget> budgets_;
  source store_age_;
  source dropped_log_lines_;
  source wall_clock_steps_;
  std::function<std::vector<peer_numbers>()> cluster_;
  std::function<std::vector<storage_numbers>()> storages_;
  std::function<std::vector<credential_numbers>()> credentials_;
  std::map<std::string, source, std::less<>> certificates_;    // by listener
  std::map<std::string, source, std::less<>> config_reloads_;  // by outcome
};

}  // namespace filemint::metrics
