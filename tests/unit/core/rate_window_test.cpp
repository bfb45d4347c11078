#include "core/rate_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace filemint::rate_window_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

void admit(rate_window& window, mono_time t, std::uint64_t calls = 1) {
  window.add(t, tick_of(t), calls);
}

TEST(RateWindow, IsEmptyAtFirst) {
  rate_window window;
  EXPECT_EQ(window.used(at(0s)), 0u);
  EXPECT_EQ(window.empty_at(at(5s)), at(5s));
  EXPECT_EQ(window.next_free(at(5s), 1), at(5s));
}

TEST(RateWindow, RoundsAnAdmissionUpToItsTick) {
  struct row {
    std::chrono::nanoseconds admitted;
    std::chrono::nanoseconds leaves;
  };
  for (const auto& [admitted, leaves] :
       {row{0ns, 60s}, row{1ns, 60s + 10ms}, row{9'999'999ns, 60s + 10ms}, row{10ms, 60s + 10ms},
        row{10ms + 1ns, 60s + 20ms}}) {
    rate_window window;
    admit(window, at(admitted));
    EXPECT_EQ(window.empty_at(at(admitted)), at(leaves)) << admitted.count();
    EXPECT_EQ(window.used(at(leaves - 1ns)), 1u) << admitted.count();
    EXPECT_EQ(window.used(at(leaves)), 0u) << admitted.count();
  }
}

TEST(RateWindow, MergesTheCallsOfATick) {
  rate_window window;
  for (int i = 0; i < 10'000; ++i) admit(window, at(std::chrono::microseconds{1 + i % 10'000}));
  EXPECT_EQ(window.entries(), 1u);
  EXPECT_EQ(window.used(at(20ms)), 10'000u);
}

TEST(RateWindow, HoldsNoMoreEntriesThanTheTicksOfAMinute) {
  rate_window window;
  std::size_t most = 0;
  for (auto t = 0ms; t < 3min; t += 5ms) {
    admit(window, at(t), 100'000);
    most = std::max(most, window.entries());
  }
  EXPECT_LE(most, 6'001u);
  EXPECT_GE(most, 6'000u);
}

TEST(RateWindow, TellsWhenTheNextCallPasses) {
  rate_window window;
  admit(window, at(0s), 2);
  admit(window, at(1s), 1);
  admit(window, at(2s), 3);
  struct row {
    std::uint64_t limit;
    std::chrono::nanoseconds passes;
  };
  for (const auto& [limit, passes] :
       {row{7, 3s}, row{6, 60s}, row{5, 60s}, row{4, 61s}, row{3, 62s}, row{1, 62s}}) {
    EXPECT_EQ(window.next_free(at(3s), limit), at(passes)) << limit;
  }
}

TEST(RateWindow, TakesInWhatComesLateAndOutOfOrder) {
  rate_window window;
  admit(window, at(3s));
  for (const auto late : {2s, 1s, 2s, 3s}) window.add(at(4s), tick_of(at(late)), 1);
  EXPECT_EQ(window.entries(), 3u);
  EXPECT_EQ(window.used(at(61s)), 4u);
  EXPECT_EQ(window.used(at(62s)), 2u);
  EXPECT_EQ(window.used(at(63s)), 0u);
}

TEST(RateWindow, IgnoresWhatHasLeftAlready) {
  rate_window window;
  window.add(at(60s), tick_of(at(0s)), 5);
  EXPECT_EQ(window.used(at(60s)), 0u);
  window.add(at(60s), tick_of(at(10ms)), 5);
  EXPECT_EQ(window.used(at(60s)), 5u);
}

RC_GTEST_PROP(RateWindow, AgreesWithANaiveLogOfEveryAdmission,
              (std::vector<std::pair<std::uint32_t, std::uint32_t>> steps)) {
  rate_window window;
  std::vector<mono_time> log;
  auto now = at(0s);
  for (const auto& [gap, late] : steps) {
    now += std::chrono::microseconds{gap % 3'000'000};
    const auto admitted = now - std::chrono::microseconds{late % 2'000'000};
    window.add(now, tick_of(admitted), 1);
    log.push_back(admitted);
    const auto inside = [&](mono_time when) {
      return static_cast<std::uint64_t>(std::ranges::count_if(
          log, [&](mono_time t) { return when < tick_of(t) + window_length; }));
    };
    RC_ASSERT(window.used(now) == inside(now));
    const auto limit = 1 + gap % 5;
    const auto free = window.next_free(now, limit);
    RC_ASSERT(inside(free) < limit);
    RC_ASSERT(free == now || inside(free - 1ns) >= limit);
    RC_ASSERT(inside(window.empty_at(now)) == 0u);
  }
}

}  // namespace
}  // namespace filemint::rate_window_test
