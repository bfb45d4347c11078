// 10,000 random histories of clusters, each held to its log of real admissions: no 60 seconds hold
// more than the limit, whatever is slow, lost, cut, killed or restarted, but for what killed nodes
// take with them.
#include "tests/unit/core/cluster_history.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>

namespace filemint::cluster_simulation_test {
namespace {

using testing::fault_kind;

// Under sanitizers, without optimisation, a hundredth of it has to do.
#ifdef FILEMINT_SANITIZED
constexpr std::uint64_t histories = 5;
#else
constexpr std::uint64_t histories = 500;
#endif

struct part {
  const char* name;
  fault_kind kind;
  std::uint64_t first_seed;
};
void PrintTo(const part& p, std::ostream* out) {
  *out << p.name;
}

class ClusterHistories : public ::testing::TestWithParam<part> {};

TEST_P(ClusterHistories, NeverAdmitMoreThanTheLimit) {
  const auto& [name, kind, first] = GetParam();
  std::uint64_t full = 0, waited = 0, admitted = 0;
  for (auto seed = first; seed < first + histories; ++seed) {
    const auto result = testing::run_history(seed, kind);
    ASSERT_TRUE(result.kept) << result.told;
    // Where each letter comes through, or one side of a clean cut is heard, nobody waits too long.
    if (kind == fault_kind::none || kind == fault_kind::cut || kind == fault_kind::kill ||
        kind == fault_kind::roll) {
      ASSERT_EQ(result.seen.timed_out, 0u) << result.waits;
    }
    waited += result.seen.timed_out;
    admitted += result.admitted;
    full += result.fullest_parts >= 990 ? 1 : 0;
  }
  // A crowd that comes at once takes many letters, and a lost one costs a second.
  if (kind == fault_kind::loss) {
    EXPECT_LT(waited, admitted / 50);
  }
  EXPECT_GT(full, histories / 3) << "the load fills too few windows to show anything";
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ClusterHistories,
    ::testing::Values(
        part{"Steady", fault_kind::none, 10'000}, part{"Slow", fault_kind::slow, 20'000},
        part{"Slow2", fault_kind::slow, 21'000}, part{"Loss", fault_kind::loss, 30'000},
        part{"Loss2", fault_kind::loss, 31'000}, part{"Cut", fault_kind::cut, 40'000},
        part{"Cut2", fault_kind::cut, 41'000}, part{"Cut3", fault_kind::cut, 42'000},
        part{"OneWay", fault_kind::one_way, 50'000}, part{"OneWay2", fault_kind::one_way, 51'000},
        part{"OneWay3", fault_kind::one_way, 52'000}, part{"Links", fault_kind::links, 60'000},
        part{"Links2", fault_kind::links, 61'000}, part{"Kill", fault_kind::kill, 70'000},
        part{"Kill2", fault_kind::kill, 71'000}, part{"Kill3", fault_kind::kill, 72'000},
        part{"Roll", fault_kind::roll, 80'000}, part{"Mixed", fault_kind::mixed, 90'000},
        part{"Mixed2", fault_kind::mixed, 91'000}, part{"Mixed3", fault_kind::mixed, 92'000}),
    [](const auto& each) { return std::string{each.param.name}; });

}  // namespace
}  // namespace filemint::cluster_simulation_test
