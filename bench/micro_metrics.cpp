// What the hot path pays to be counted and limited: metrics, and a call out of a lease.

#include "core/quota_lease.hpp"
#include "core/quota_ledger.hpp"
#include "metrics/exposition.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace filemint;
using namespace std::chrono_literals;

const metrics::dimensions labels{
    .routes = {"file_access", "access_tokens", "files", "verify", "health", "other"},
    .codes = std::vector<std::string>(20, "CODE"),
    .backends = {"magikarp", "betaimages"}};

void count_request(benchmark::State& state) {
  metrics::exposition all{labels, 2, "0"};
  auto& core = all.core(0);
  for (auto _ : state) {
    core.count_request(1, 0);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(count_request);

void observe_mint(benchmark::State& state) {
  metrics::exposition all{labels, 2, "0"};
  auto& core = all.core(0);
  std::uint64_t ns = 1;
  for (auto _ : state) {
    ns = ns * 6364136223846793005u + 1442695040888963407u;
    core.observe_mint(ns >> 63, metrics::outcome::ok, ns >> 40);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(observe_mint);

// All that one minting request counts.
void count_all_of_a_request(benchmark::State& state) {
  metrics::exposition all{labels, 2, "0"};
  auto& core = all.core(0);
  std::uint64_t ns = 1;
  for (auto _ : state) {
    ns = ns * 6364136223846793005u + 1442695040888963407u;
    core.request_begins();
    for (std::size_t i = 0; i < metrics::phase_names.size(); ++i) {
      core.observe_phase(static_cast<metrics::phase>(i), ns >> (44 + i));
    }
    core.observe_mint(0, metrics::outcome::ok, ns >> 46);
    core.observe_batch(2);
    core.count_tokens(0, 2);
    core.count_request(0, 0);
    core.request_ends();
    benchmark::ClobberMemory();
  }
}
BENCHMARK(count_all_of_a_request);

void scrape(benchmark::State& state) {
  metrics::exposition all{labels, 2, "0"};
  for (auto _ : state) benchmark::DoNotOptimize(all.text());
}
BENCHMARK(scrape)->Unit(benchmark::kMicrosecond);

// One call every 10 µs under the demo's limit, with the renewals that it takes: the owner answers
// at once.
void take_from_lease(benchmark::State& state) {
  quota_ledger ledger;
  quota_lease lease;
  mono_time now{1h};
  const auto renew = [&] {
    const auto grant = ledger.renew(now, 100'000'000, 0);
    if (!grant) return;
    if (const auto before = lease.accept(now, *grant)) ledger.settle(now, *before);
  };
  renew();
  for (auto _ : state) {
    now += 10us;
    benchmark::DoNotOptimize(lease.take(now));
    if (lease.renew_due(now)) renew();
  }
  state.counters["log entries"] = static_cast<double>(ledger.entries());
}
BENCHMARK(take_from_lease);

// A call under a small limit, at the owner: one each 100 ms, the window full at 600.
void ask_for_one_call(benchmark::State& state) {
  quota_ledger ledger;
  mono_time now{1h};
  for (auto _ : state) {
    now += 100ms;
    benchmark::DoNotOptimize(ledger.ask(now, 600, 0));
  }
}
BENCHMARK(ask_for_one_call);

}  // namespace
