#include "metrics/storage_numbers.hpp"

#include "metrics/exposition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace filemint::metrics::storage_numbers_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StorageNumbers : public ::testing::Test {
protected:
  StorageNumbers() {
    shown.watch_storages([this] { return std::vector<storage_numbers>{{"objects", &cells}}; });
  }
  storage_cells cells;
  exposition shown{{.routes = {"a"}, .codes = {"OK"}, .backends = {"objects"}}, 1, "1"};
};

TEST_F(StorageNumbers, TellEachOutcome) {
  cells.probes[static_cast<std::size_t>(probe_end::missing)].add(3);
  const auto text = shown.text();
  for (const auto name : probe_end_names) {
    EXPECT_THAT(text, HasSubstr("filemint_storage_probes_total{backend=\"objects\",outcome=\"" +
                                std::string{name} + "\"} " + (name == "missing" ? "3" : "0")));
  }
}

TEST_F(StorageNumbers, TellTheTimesOfProbes) {
  cells.durations.observe(7'000'000);
  cells.durations.observe(30'000'000'000);
  const auto text = shown.text();
  const std::string name = "filemint_storage_probe_duration_seconds";
  EXPECT_THAT(text, HasSubstr(name + "_bucket{backend=\"objects\",le=\"0.005\"} 0"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{backend=\"objects\",le=\"0.01\"} 1"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{backend=\"objects\",le=\"10\"} 1"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{backend=\"objects\",le=\"+Inf\"} 2"));
  EXPECT_THAT(text, HasSubstr(name + "_count{backend=\"objects\"} 2"));
  EXPECT_THAT(text, HasSubstr(name + "_sum{backend=\"objects\"} 30.007"));
}

TEST_F(StorageNumbers, TellTheCircuitTheCacheAndWhoWasHeldBack) {
  cells.circuit_state = 2;
  cells.cache_hits.add(4);
  cells.cache_misses.add(5);
  cells.held_back.add(6);
  const auto text = shown.text();
  for (const auto* line :
       {"filemint_storage_circuit_state{backend=\"objects\",state=\"closed\"} 0",
        "filemint_storage_circuit_state{backend=\"objects\",state=\"half_open\"} 0",
        "filemint_storage_circuit_state{backend=\"objects\",state=\"open\"} 1",
        "filemint_storage_cache_lookups_total{backend=\"objects\",result=\"hit\"} 4",
        "filemint_storage_cache_lookups_total{backend=\"objects\",result=\"miss\"} 5",
        "filemint_storage_calls_held_back_total{backend=\"objects\"} 6"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(StorageNumbers, CallAnOpenCircuitHalfOpenOnceItCanBeTried) {
  cells.circuit_state = 2;
  cells.open_until = std::chrono::steady_clock::now();
  EXPECT_THAT(shown.text(), HasSubstr("{backend=\"objects\",state=\"half_open\"} 1"));
}

TEST_F(StorageNumbers, TellAClocksSkewOnceItIsKnown) {
  EXPECT_THAT(shown.text(), Not(HasSubstr("filemint_storage_clock_skew_seconds")));
  cells.clock_skew = -7;
  EXPECT_THAT(shown.text(),
              HasSubstr("filemint_storage_clock_skew_seconds{backend=\"objects\"} -7"));
}

TEST_F(StorageNumbers, AreForgotten) {
  shown.forget_watched();
  EXPECT_THAT(shown.text(), Not(HasSubstr("filemint_storage")));
}

}  // namespace
}  // namespace filemint::metrics::storage_numbers_test
