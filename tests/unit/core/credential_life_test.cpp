#include "core/credential_life.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace filemint::credential_life_test {
namespace {

using namespace std::chrono_literals;

constexpr instant begin{wall_time{1'780'000'000s}, mono_time{1h}};

instant after(std::chrono::nanoseconds passed, std::chrono::seconds step = 0s) {
  return {begin.wall + std::chrono::floor<std::chrono::seconds>(passed) + step,
          begin.mono + passed};
}

TEST(CredentialLife, TheFirstOnesAreAskedForAtOnce) {
  const credential_life life{1};
  EXPECT_TRUE(life.is_due(begin));
  EXPECT_EQ(life.until_due(begin), 0ns);
  EXPECT_TRUE(life.is_over(begin.wall));
}

TEST(CredentialLife, OthersAreAskedForWithinTheThirdQuarter) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    credential_life life{seed};
    EXPECT_TRUE(life.renewed(begin, begin.wall + 1h));
    EXPECT_FALSE(life.is_due(after(40min)));
    EXPECT_TRUE(life.is_due(after(45min)));
    EXPECT_EQ(life.is_due(after(life.until_due(begin))), true);
    EXPECT_FALSE(life.is_due(after(life.until_due(begin) - 1ms)));
    EXPECT_FALSE(life.is_over(begin.wall + 1h - 1s));
    EXPECT_TRUE(life.is_over(begin.wall + 1h));
  }
}

TEST(CredentialLife, NotAllNodesAskAtOnce) {
  credential_life first{1}, second{2};
  first.renewed(begin, begin.wall + 1h);
  second.renewed(begin, begin.wall + 1h);
  EXPECT_NE(first.until_due(begin), second.until_due(begin));
}

TEST(CredentialLife, AWallClockThatStepsForwardMakesItDue) {
  credential_life life{1};
  life.renewed(begin, begin.wall + 1h);
  EXPECT_FALSE(life.is_due(after(10min)));
  EXPECT_TRUE(life.is_due(after(10min, 36min)));
}

// A cloud may make others minutes before the end alone.
TEST(CredentialLife, TheSameAreAskedForAgainMinuteByMinute) {
  credential_life life{1};
  EXPECT_TRUE(life.renewed(begin, begin.wall + 6h));
  const auto at = after(4h + 30min);
  ASSERT_TRUE(life.is_due(at));
  EXPECT_FALSE(life.renewed(at, begin.wall + 6h));
  EXPECT_LE(life.until_due(at), 1min);
  EXPECT_GE(life.until_due(at), 50s);
  const auto late = after(6h - 40s);
  EXPECT_FALSE(life.renewed(late, begin.wall + 6h));
  EXPECT_LE(life.until_due(late), 5s) << "sooner when the end is near";
}

TEST(CredentialLife, TheWorstAnswersAreNotAskedForWithoutAPause) {
  credential_life life{1};
  EXPECT_TRUE(life.renewed(begin, begin.wall + 1s));
  EXPECT_FALSE(life.is_due(begin));
  EXPECT_GE(life.until_due(begin), 500ms);
  EXPECT_FALSE(life.renewed(begin, begin.wall + 1s));
  EXPECT_GE(life.until_due(begin), 500ms);
}

TEST(CredentialLife, PausesGrowFromFailureToFailure) {
  credential_life life{1};
  life.renewed(begin, begin.wall + 1h);
  auto at = after(45min);
  std::chrono::nanoseconds longest{};
  for (int i = 0; i < 12; ++i) {
    life.failed(at);
    const auto pause = life.until_due(at);
    EXPECT_GE(pause, 500ms);
    EXPECT_LE(pause, 30s);
    EXPECT_FALSE(life.is_due({at.wall + 1h, at.mono})) << "by no step of the wall clock";
    longest = std::max(longest, pause);
    at.mono += pause;
    EXPECT_TRUE(life.is_due(at));
  }
  EXPECT_GE(longest, 15s);
  EXPECT_EQ(life.ends(), begin.wall + 1h) << "what is there stays good";
  life.renewed(at, begin.wall + 2h);
  life.failed(at);
  EXPECT_LE(life.until_due(at), 1s) << "it begins anew";
}

}  // namespace
}  // namespace filemint::credential_life_test
