#include "metrics/exposition.hpp"

#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <type_traits>
#include <utility>

namespace filemint::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using label_list = std::vector<ClientMetric::Label>;
using core_list = std::vector<std::unique_ptr<core_metrics>>;

std::uint64_t sum_over(const core_list& cores, auto read) {
  std::uint64_t sum = 0;
  for (const auto& core : cores) sum += read(*core);
  return sum;
}

ClientMetric counter(label_list labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  return metric;
}

ClientMetric gauge(label_list labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return metric;
}

// `cells_of` gives the histogram of one core.
ClientMetric histogram(label_list labels, const core_list& cores, auto cells_of) {
  using cells = std::remove_cvref_t<decltype(cells_of(*cores.front()))>;
  ClientMetric metric;
  metric.label = std::move(labels);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < cells::buckets; ++bucket) {
    seen += sum_over(cores, [&](const core_metrics& core) { return cells_of(core).count(bucket); });
    const auto upper =
        bucket < cells::bounds.size
            ? static_cast<double>(cells::bounds.upper[bucket]) / cells::bounds.per_unit
            : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({seen, upper});
  }
  metric.histogram.sample_count = seen;
  const auto sum = sum_over(cores, [&](const core_metrics& core) { return cells_of(core).sum(); });
  metric.histogram.sample_sum = static_cast<double>(sum) / cells::bounds.per_unit;
  return metric;
}

}  // namespace

exposition::exposition(dimensions labels, std::size_t cores, std::string_view version)
    : labels_(std::move(labels)) {
  for (std::size_t i = 0; i < cores; ++i) {
    cores_.push_back(std::make_unique<core_metrics>(labels_));
  }
  prometheus::BuildGauge()
      .Name("filemint_build_info")
      .Help("The running version; always 1.")
      .Register(registry_)
      .Add({{"version", std::string{version}}})
      .Set(1);
}

std::string exposition::text() const {
  return prometheus::TextSerializer{}.Serialize(Collect());
}

std::vector<MetricFamily> exposition::Collect() const {
  auto out = registry_.Collect();
  collect_requests(out);
  collect_mints(out);
  collect_totals(out);
  collect_watched(out);
  return out;
}

void exposition::collect_requests(families& out) const {
  MetricFamily requests{
      "filemint_requests_total", "Requests answered, by route and code.", MetricType::Counter, {}};
  for (std::size_t route = 0; route < labels_.routes.size(); ++route) {
    for (std::size_t code = 0; code < labels_.codes.size(); ++code) {
      const auto answered =
          sum_over(cores_, [&](const core_metrics& core) { return core.requests(route, code); });
      // Most codes never come on most routes.
      if (answered == 0 && code != 0) continue;
      requests.metric.push_back(
          counter({{"route", labels_.routes[route]}, {"code", labels_.codes[code]}},
                  static_cast<double>(answered)));
    }
  }
  out.push_back(std::move(requests));

  MetricFamily phases{"filemint_phase_seconds",
                      "Where the time of minting requests goes.",
                      MetricType::Histogram,
                      {}};
  for (std::size_t i = 0; i < phase_names.size(); ++i) {
    phases.metric.push_back(histogram(
        {{"phase", std::string{phase_names[i]}}}, cores_,
        [&](const core_metrics& core) -> auto& { return core.phases(static_cast<phase>(i)); }));
  }
  out.push_back(std::move(phases));

  out.push_back(
      {"filemint_batch_paths",
       "Distinct paths in a minting request.",
       MetricType::Histogram,
       {histogram({}, cores_, [](const core_metrics& core) -> auto& { return core.batches(); })}});
  out.push_back(
      {"filemint_window_remaining_ratio",
       "What a company's window had left after a call, as a part of its limit.",
       MetricType::Histogram,
       {histogram({}, cores_, [](const core_metrics& core) -> auto& { return core.windows(); })}});
}

void exposition::collect_mints(families& out) const {
  MetricFamily durations{"filemint_mint_duration_seconds",
                         "Time from the first to the last token of a request.",
                         MetricType::Histogram,
                         {}};
  MetricFamily calls{"filemint_call_duration_seconds",
                     "Time of a call that got its tokens, until its answer is ready; the wait for "
                     "its body is not in it.",
                     MetricType::Histogram,
                     {}};
  MetricFamily tokens{"filemint_tokens_minted_total", "Tokens minted.", MetricType::Counter, {}};
  for (std::size_t backend = 0; backend < labels_.backends.size(); ++backend) {
    const auto& name = labels_.backends[backend];
    for (std::size_t i = 0; i < outcome_names.size(); ++i) {
      durations.metric.push_back(
          histogram({{"backend", name}, {"outcome", std::string{outcome_names[i]}}}, cores_,
                    [&](const core_metrics& core) -> auto& {
                      return core.mints(backend, static_cast<outcome>(i));
                    }));
    }
    calls.metric.push_back(
        histogram({{"backend", name}}, cores_,
                  [&](const core_metrics& core) -> auto& { return core.calls(backend); }));
    const auto minted =
        sum_over(cores_, [&](const core_metrics& core) { return core.tokens(backend); });
    tokens.metric.push_back(counter({{"backend", name}}, static_cast<double>(minted)));
  }
  out.push_back(std::move(durations));
  out.push_back(std::move(calls));
  out.push_back(std::move(tokens));
}

void exposition::collect_totals(families& out) const {
  const auto total = [&](const char* name, const char* help, std::uint64_t value) {
    out.push_back({name, help, MetricType::Counter, {counter({}, static_cast<double>(value))}});
  };
  // The end of what began meanwhile may be seen before its beginning: read the ends first, and
  // never go below 0.
  const auto level = [&](const char* name, const char* help, std::uint64_t ended,
                         std::uint64_t begun) {
    out.push_back({name,
                   help,
                   MetricType::Gauge,
                   {gauge({}, begun > ended ? static_cast<double>(begun - ended) : 0)}});
  };
  const auto read = [&](auto member) { return sum_over(cores_, std::mem_fn(member)); };

  const auto ended = read(&core_metrics::ended);
  level("filemint_requests_in_flight", "Requests that are not answered yet.", ended,
        read(&core_metrics::begun));
  const auto closed = read(&core_metrics::closed);
  const auto opened = read(&core_metrics::opened);
  level("filemint_connections_open", "Client connections.", closed, opened);
  total("filemint_connections_total", "Client connections accepted.", opened);
  total("filemint_actor_restarts_total", "Actors that ended and were started again.",
        read(&core_metrics::actor_restarts));
}

void exposition::collect_watched(families& out) const {
  const std::lock_guard lock{watched_mutex_};
  MetricFamily mailboxes{"filemint_mailbox_messages",
                         "Messages that wait for actors of a kind.",
                         MetricType::Gauge,
                         {}};
  for (const auto& [kind, lengths] : mailboxes_) {
    double sum = 0;
    for (const auto& length : lengths) sum += length();
    mailboxes.metric.push_back(gauge({{"kind", kind}}, sum));
  }
  if (!mailboxes_.empty()) out.push_back(std::move(mailboxes));
  MetricFamily queues{"filemint_run_queue_actors",
                      "Actors that wait for their turn on a core.",
                      MetricType::Gauge,
                      {}};
  for (std::size_t core = 0; core < run_queues_.size(); ++core) {
    queues.metric.push_back(gauge({{"core", std::to_string(core)}}, run_queues_[core]()));
  }
  if (!run_queues_.empty()) out.push_back(std::move(queues));
  if (!budgets_.empty()) collect_budgets(out);
  const auto tell = [&](const char* name, const char* help, MetricType type, auto metric,
                        const source& value) {
    if (value) out.push_back({name, help, type, {metric({}, value())}});
  };
  tell("filemint_store_age_seconds", "Seconds since the store's state was last confirmed.",
       MetricType::Gauge, gauge, store_age_);
  tell("filemint_log_lines_dropped_total",
       "Log lines lost: the log did not keep up or could not be written.", MetricType::Counter,
       counter, dropped_log_lines_);
  tell("filemint_wall_clock_steps_total", "Steps of the wall clock by more than 2 s.",
       MetricType::Counter, counter, wall_clock_steps_);
  MetricFamily certificates{"filemint_certificate_expiry_timestamp_seconds",
                            "When a listener's certificate, or one behind it, expires.",
                            MetricType::Gauge,
                            {}};
  for (const auto& [listener, expiry] : certificates_) {
    certificates.metric.push_back(gauge({{"listener", listener}}, expiry()));
  }
  if (!certificates_.empty()) out.push_back(std::move(certificates));
  if (!config_reloads_.empty()) collect_reloads(out);
  const auto append = [&](families more) {
    for (auto& each : more) {
      if (!each.metric.empty()) out.push_back(std::move(each));
    }
  };
  if (cluster_) append(cluster_families(cluster_()));
  if (storages_) append(storage_families(storages_()));
  if (credentials_) append(credential_families(credentials_()));
}

void exposition::collect_budgets(families& out) const {
  MetricFamily used{
      "filemint_budget_used",
      "How much of a budget is taken: requests, connections or bytes, as its name says.",
      MetricType::Gauge,
      {}};
  MetricFamily limit{
      "filemint_budget_limit", "What the node takes on at most.", MetricType::Gauge, {}};
  for (const auto& each : budgets_) {
    used.metric.push_back(gauge({{"budget", each.name}}, each.used()));
    limit.metric.push_back(gauge({{"budget", each.name}}, each.limit()));
  }
  out.push_back(std::move(used));
  out.push_back(std::move(limit));
}

void exposition::collect_reloads(families& out) const {
  MetricFamily reloads{"filemint_config_reloads_total",
                       "Reloads of the configuration: applied, unchanged or refused.",
                       MetricType::Counter,
                       {}};
  for (const auto& [outcome, count] : config_reloads_) {
    reloads.metric.push_back(counter({{"outcome", outcome}}, count()));
  }
  out.push_back(std::move(reloads));
}

}  // namespace filemint::metrics
