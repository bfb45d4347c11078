#include "metrics/exposition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace filemint::metrics::exposition_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

const dimensions labels{.routes = {"file_access", "files"},
                        .codes = {"OK", "FORBIDDEN"},
                        .backends = {"magikarp", "betaimages"}};

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

// The names of all families, in order, as their TYPE lines tell them.
std::vector<std::string> families(const exposition& metrics) {
  std::vector<std::string> names;
  for (const auto& line : lines(metrics.text())) {
    if (line.starts_with("# TYPE ")) names.push_back(line.substr(7));
  }
  return names;
}

void watch_all(exposition& metrics) {
  metrics.watch_mailbox("auth", [] { return 2.0; });
  metrics.watch_mailbox("auth", [] { return 5.0; });
  metrics.watch_run_queue([] { return 3.0; });
  metrics.watch_run_queue([] { return 0.0; });
  metrics.watch_budget("requests", [] { return 17.0; }, [] { return 2048.0; });
  metrics.watch_budget("body_bytes", [] { return 4.0; }, [] { return 64.0; });
  metrics.watch_store_age([] { return 0.25; });
  metrics.watch_dropped_log_lines([] { return 8.0; });
  metrics.watch_wall_clock_steps([] { return 2.0; });
  metrics.watch_certificate("127.0.0.1:8443", [] { return 1'780'000'000.0; });
  metrics.watch_config_reloads("applied", [] { return 6.0; });
  metrics.watch_config_reloads("refused", [] { return 1.0; });
}

TEST(Exposition, NamesEachFamilyAndItsType) {
  exposition metrics{labels, 1, "1.2.3"};
  watch_all(metrics);
  EXPECT_THAT(
      families(metrics),
      ElementsAre(
          "filemint_build_info gauge", "filemint_requests_total counter",
          "filemint_phase_seconds histogram", "filemint_batch_paths histogram",
          "filemint_window_remaining_ratio histogram", "filemint_mint_duration_seconds histogram",
          "filemint_call_duration_seconds histogram", "filemint_tokens_minted_total counter",
          "filemint_requests_in_flight gauge", "filemint_connections_open gauge",
          "filemint_connections_total counter", "filemint_actor_restarts_total counter",
          "filemint_mailbox_messages gauge", "filemint_run_queue_actors gauge",
          "filemint_budget_used gauge", "filemint_budget_limit gauge",
          "filemint_store_age_seconds gauge", "filemint_log_lines_dropped_total counter",
          "filemint_wall_clock_steps_total counter",
          "filemint_certificate_expiry_timestamp_seconds gauge",
          "filemint_config_reloads_total counter"));
}

TEST(Exposition, HasOnlyLabelsThatNameNoPathKeyOrCompany) {
  exposition metrics{labels, 2, "1.2.3"};
  watch_all(metrics);
  std::set<std::string> names;
  for (const auto& family : metrics.Collect()) {
    EXPECT_FALSE(family.help.empty()) << family.name;
    for (const auto& metric : family.metric) {
      for (const auto& label : metric.label) names.insert(label.name);
    }
  }
  EXPECT_THAT(names, ElementsAre("backend", "budget", "code", "core", "kind", "listener", "outcome",
                                 "phase", "route", "version"));
}

TEST(Exposition, WritesNothingButCommentsAndSamples) {
  exposition metrics{labels, 2, "1.2.3"};
  watch_all(metrics);
  metrics.core(0).observe_mint(0, outcome::ok, 12'345);
  const std::regex form{
      R"(# (HELP|TYPE) filemint_\w+ .+|filemint_\w+(\{(\w+="[\w.:+-]*",?)+\})? [0-9.e+-]+)"};
  for (const auto& line : lines(metrics.text())) EXPECT_TRUE(std::regex_match(line, form)) << line;
}

TEST(Exposition, CountsRequestsByRouteAndCode) {
  exposition metrics{labels, 1, "1.2.3"};
  metrics.core(0).count_request(0, 0);
  metrics.core(0).count_request(0, 0);
  metrics.core(0).count_request(1, 1);
  const auto text = lines(metrics.text());
  EXPECT_THAT(text, Contains(R"(filemint_requests_total{route="file_access",code="OK"} 2)"));
  EXPECT_THAT(text, Contains(R"(filemint_requests_total{route="files",code="OK"} 0)"));
  EXPECT_THAT(text, Contains(R"(filemint_requests_total{route="files",code="FORBIDDEN"} 1)"));
  EXPECT_THAT(text, Not(Contains(StartsWith(
                        R"(filemint_requests_total{route="file_access",code="FORBIDDEN"})"))));
}

TEST(Exposition, TellsMintDurationsInSecondsByBackendAndOutcome) {
  exposition metrics{labels, 1, "1.2.3"};
  for (const std::uint64_t ns : {5'000U, 5'001U, 1'500'000'000U}) {
    metrics.core(0).observe_mint(1, outcome::late, ns);
  }
  const auto text = lines(metrics.text());
  const std::string of = R"({backend="betaimages",outcome="late")";
  const auto bucket = [&](std::string upper, int count) {
    return "filemint_mint_duration_seconds_bucket" + of + ",le=\"" + std::move(upper) + "\"} " +
           std::to_string(count);
  };
  for (const auto& line :
       {bucket("5e-06", 1), bucket("1e-05", 2), bucket("2e-05", 2), bucket("0.001", 2),
        bucket("1", 2), bucket("2", 3), bucket("10", 3), bucket("+Inf", 3)}) {
    EXPECT_THAT(text, Contains(line));
  }
  EXPECT_THAT(text, Contains("filemint_mint_duration_seconds_count" + of + "} 3"));
  EXPECT_THAT(text, Contains("filemint_mint_duration_seconds_sum" + of + "} 1.500010001"));
  EXPECT_THAT(
      text,
      Contains(R"(filemint_mint_duration_seconds_count{backend="magikarp",outcome="late"} 0)"));
}

TEST(Exposition, TellsPhasesTokensAndBatches) {
  exposition metrics{labels, 1, "1.2.3"};
  auto& core = metrics.core(0);
  core.observe_phase(phase::auth, 200);
  core.observe_phase(phase::auth, 700);
  core.observe_phase(phase::write, 0);
  core.count_tokens(0, 2);
  core.count_tokens(0, 100);
  core.observe_batch(2);
  core.observe_batch(100);
  core.observe_batch(20'000);
  const auto text = lines(metrics.text());
  for (const auto* line :
       {R"(filemint_phase_seconds_bucket{phase="auth",le="2e-07"} 1)",
        R"(filemint_phase_seconds_bucket{phase="auth",le="1e-06"} 2)",
        R"(filemint_phase_seconds_count{phase="write"} 1)",
        R"(filemint_phase_seconds_count{phase="mint"} 0)",
        R"(filemint_tokens_minted_total{backend="magikarp"} 102)",
        R"(filemint_tokens_minted_total{backend="betaimages"} 0)",
        R"(filemint_batch_paths_bucket{le="1"} 0)", R"(filemint_batch_paths_bucket{le="2"} 1)",
        R"(filemint_batch_paths_bucket{le="10000"} 2)", "filemint_batch_paths_sum 20102",
        "filemint_batch_paths_count 3"}) {
    EXPECT_THAT(text, Contains(line));
  }
}

TEST(Exposition, TellsHowLongCallsTookByBackend) {
  exposition metrics{labels, 2, "1.2.3"};
  metrics.core(0).observe_call(1, 20'000);
  metrics.core(1).observe_call(1, 3'000'000);
  const auto text = lines(metrics.text());
  for (const auto* line :
       {R"(filemint_call_duration_seconds_bucket{backend="betaimages",le="1e-05"} 0)",
        R"(filemint_call_duration_seconds_bucket{backend="betaimages",le="2e-05"} 1)",
        R"(filemint_call_duration_seconds_bucket{backend="betaimages",le="0.005"} 2)",
        R"(filemint_call_duration_seconds_sum{backend="betaimages"} 0.00302)",
        R"(filemint_call_duration_seconds_count{backend="magikarp"} 0)"}) {
    EXPECT_THAT(text, Contains(line));
  }
}

TEST(Exposition, TellsHowMuchOfTheirWindowsCallsHadLeft) {
  exposition metrics{labels, 2, "1.2.3"};
  metrics.core(0).observe_window(0, 600);    // refused, or the last one
  metrics.core(0).observe_window(6, 600);    // exactly a hundredth
  metrics.core(1).observe_window(7, 600);    // a little more
  metrics.core(1).observe_window(599, 600);  // the first call
  constexpr auto huge = std::uint64_t{1} << 62;
  metrics.core(1).observe_window(huge, huge);
  const auto text = lines(metrics.text());
  for (const auto* line : {R"(filemint_window_remaining_ratio_bucket{le="0.01"} 2)",
                           R"(filemint_window_remaining_ratio_bucket{le="0.02"} 3)",
                           R"(filemint_window_remaining_ratio_bucket{le="0.5"} 3)",
                           R"(filemint_window_remaining_ratio_bucket{le="1"} 5)",
                           "filemint_window_remaining_ratio_count 5"}) {
    EXPECT_THAT(text, Contains(line));
  }
}

TEST(Exposition, TellsWhatIsInFlightAndWhatHasHappened) {
  exposition metrics{labels, 2, "1.2.3"};
  for (int i = 0; i < 3; ++i) metrics.core(0).request_begins();
  metrics.core(0).request_ends();
  metrics.core(1).request_begins();
  for (int i = 0; i < 5; ++i) metrics.core(1).connection_opens();
  metrics.core(1).connection_closes();
  metrics.core(1).count_actor_restart();
  const auto text = lines(metrics.text());
  for (const auto* line : {"filemint_requests_in_flight 3", "filemint_connections_open 4",
                           "filemint_connections_total 5", "filemint_actor_restarts_total 1",
                           R"(filemint_build_info{version="1.2.3"} 1)"}) {
    EXPECT_THAT(text, Contains(line));
  }
}

TEST(Exposition, AsksWhatItWatchesUntilItForgets) {
  exposition metrics{labels, 1, "1.2.3"};
  watch_all(metrics);
  const auto text = lines(metrics.text());
  for (const auto* line :
       {R"(filemint_mailbox_messages{kind="auth"} 7)", R"(filemint_run_queue_actors{core="0"} 3)",
        R"(filemint_run_queue_actors{core="1"} 0)", R"(filemint_budget_used{budget="requests"} 17)",
        R"(filemint_budget_limit{budget="requests"} 2048)",
        R"(filemint_budget_used{budget="body_bytes"} 4)",
        R"(filemint_budget_limit{budget="body_bytes"} 64)", "filemint_store_age_seconds 0.25",
        "filemint_log_lines_dropped_total 8", "filemint_wall_clock_steps_total 2",
        "filemint_certificate_expiry_timestamp_seconds{listener=\"127.0.0.1:8443\"} 1780000000",
        R"(filemint_config_reloads_total{outcome="applied"} 6)",
        R"(filemint_config_reloads_total{outcome="refused"} 1)"}) {
    EXPECT_THAT(text, Contains(line));
  }
  metrics.forget_watched();
  EXPECT_THAT(lines(metrics.text()), Not(Contains(StartsWith("filemint_store_age"))));
}

TEST(Exposition, SumsWhatTheThreadsOfTwoCoresWriteWhileItIsRead) {
  exposition metrics{labels, 2, "1.2.3"};
  // Relaxed on purpose: they order the threads in time, and hide nothing from ThreadSanitizer.
  std::atomic<int> halfway{0};
  std::atomic<bool> scraped{false};
  const auto write = [&](std::size_t i) {
    auto& core = metrics.core(i);
    for (std::uint64_t n = 0; n < 20'000; ++n) {
      if (n == 10'000) {
        halfway.fetch_add(1, std::memory_order_relaxed);
        while (!scraped.load(std::memory_order_relaxed)) std::this_thread::yield();
      }
      core.request_begins();
      core.count_request(0, 0);
      core.observe_mint(0, outcome::ok, n);
      core.observe_phase(phase::mint, n);
      core.count_tokens(0, 2);
      core.request_ends();
    }
  };
  {
    std::jthread one{write, 0}, two{write, 1};
    while (halfway.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
    EXPECT_FALSE(metrics.text().empty());
    scraped.store(true, std::memory_order_relaxed);
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(metrics.text().empty());
  }
  const auto text = lines(metrics.text());
  for (
      const auto* line :
      {R"(filemint_requests_total{route="file_access",code="OK"} 40000)",
       R"(filemint_mint_duration_seconds_bucket{backend="magikarp",outcome="ok",le="5e-06"} 10002)",
       R"(filemint_mint_duration_seconds_count{backend="magikarp",outcome="ok"} 40000)",
       R"(filemint_mint_duration_seconds_sum{backend="magikarp",outcome="ok"} 0.39998)",
       R"(filemint_phase_seconds_count{phase="mint"} 40000)",
       R"(filemint_tokens_minted_total{backend="magikarp"} 80000)",
       "filemint_requests_in_flight 0"}) {
    EXPECT_THAT(text, Contains(line));
  }
}

}  // namespace
}  // namespace filemint::metrics::exposition_test
