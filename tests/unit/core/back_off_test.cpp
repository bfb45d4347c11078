#include "core/back_off.hpp"

#include <gtest/gtest.h>

#include <set>

namespace filemint::back_off_test {
namespace {

using namespace std::chrono_literals;

TEST(BackOff, DoublesUpToItsMostAndTakesUpToHalfOff) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    back_off pause{{100ms, 2s}, seed};
    for (const auto step : {100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms}) {
      const auto next = pause.next();
      EXPECT_GE(next, step / 2);
      EXPECT_LE(next, step);
    }
    for (int i = 0; i < 100; ++i) EXPECT_LE(pause.next(), 2s);
    pause.reset();
    EXPECT_LE(pause.next(), 100ms);
  }
}

TEST(BackOff, IsNotTheSameForAll) {
  std::set<std::chrono::milliseconds> seen;
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    seen.insert(back_off{{1s, 2s}, seed * 0x9E3779B97F4A7C15}.next());
  }
  EXPECT_GT(seen.size(), 10U);
}

}  // namespace
}  // namespace filemint::back_off_test
