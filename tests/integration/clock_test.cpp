// Steps of the wall clock: what is one, and how a node tells of it.
#include "src/clock_watch.hpp"
#include "tests/integration/whole_node.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace filemint::clock_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

class ClockComparison : public ::testing::Test {
protected:
  // Both go on by a second, the wall clock by that much more.
  std::optional<milliseconds> moved(std::chrono::nanoseconds by) {
    mono_ += 1s;
    wall_ += std::chrono::duration_cast<std::chrono::system_clock::duration>(1s + by);
    return compared_.step(wall_, mono_);
  }

  clock_comparison compared_;
  std::chrono::system_clock::time_point wall_{std::chrono::sys_days{2026y / 1 / 2}};
  mono_time mono_{12'345s};
};

TEST_F(ClockComparison, BeginsWithWhatItFinds) {
  EXPECT_EQ(moved(0s), std::nullopt);
}

TEST_F(ClockComparison, ToleratesTwoSecondsAndTellsWhatGoesBeyond) {
  struct row {
    std::chrono::nanoseconds by;
    std::optional<milliseconds> told;
  };
  const std::vector<row> rows{{0s, {}},         {1999ms, {}},       {2s, {}},
                              {2001ms, 2001ms}, {1h, 1h},           {-1999ms, {}},
                              {-2s, {}},        {-2001ms, -2001ms}, {-24h * 365, -24h * 365}};
  (void)moved(0s);
  for (const auto& [by, told] : rows) {
    EXPECT_EQ(moved(by), told) << by;
    EXPECT_EQ(moved(0s), std::nullopt) << "once, after " << by;
  }
}

TEST_F(ClockComparison, NeverTellsOfASlowDrift) {
  for (const auto drift : {1ms, -1ms, 500ms, -500ms}) {
    for (int second = 0; second < 10'000; ++second) ASSERT_EQ(moved(drift), std::nullopt);
  }
}

TEST_F(ClockComparison, TellsOfEachStep) {
  (void)moved(0s);
  EXPECT_EQ(moved(3s), 3s);
  EXPECT_EQ(moved(3s), 3s);
  EXPECT_EQ(moved(-6s), -6s);
}

TEST_F(ClockComparison, TakesNoPauseOfBothForAStep) {
  (void)moved(0s);
  mono_ += 1h;
  wall_ += 1h;
  EXPECT_EQ(moved(0s), std::nullopt);
}

class ClockSteps : public testing::whole_node {
protected:
  // By how much, as the log tells.
  [[nodiscard]] std::vector<std::int64_t> logged() const {
    std::ifstream log(data_->settings().log.file);
    std::vector<std::int64_t> found;
    for (std::string line; std::getline(log, line) && !log.eof();) {
      const auto event = nlohmann::json::parse(line);
      if (event["message"] != "the wall clock has stepped") continue;
      EXPECT_EQ(event["level"], "warn");
      found.push_back(event["milliseconds"]);
    }
    return found;
  }
};

TEST_F(ClockSteps, AreLoggedAndCounted) {
  start(node::make_backend);
  ASSERT_TRUE(testing::eventually([&] { return metric("filemint_wall_clock_steps_total") == 0; }));
  node_access::on_clock_watch(*node_, [](clock_watch& watch) {
    const auto wall = std::chrono::system_clock::now();
    const auto mono = mono_clock::now();
    watch.look_at(wall, mono);
    watch.look_at(wall + 1h, mono);
    watch.look_at(wall, mono);
  });
  ASSERT_TRUE(testing::eventually([&] { return metric("filemint_wall_clock_steps_total") == 2; }));
  EXPECT_EQ(logged(), (std::vector<std::int64_t>{3'600'000, -3'600'000}));
}

}  // namespace
}  // namespace filemint::clock_test
