#include "core/circuit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace filemint::circuit_test {
namespace {

using namespace std::chrono_literals;

constexpr circuit_terms terms{.window = 10s,
                              .least_calls = 4,
                              .bad_percent = 50,
                              .slow = 1s,
                              .first_rest = 1s,
                              .longest_rest = 8s,
                              .trials = 2};

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

// A call of that length, which ends at `t`; false: the circuit did not let it through.
bool call(circuit& of, mono_time t, call_end how, std::chrono::milliseconds length = 10ms) {
  const auto begun = of.begin(t - length);
  if (begun) of.end(*begun, t, how);
  return begun.has_value();
}

void fail_often(circuit& of, mono_time t) {
  for (int i = 0; i < 4; ++i) call(of, t, call_end::bad);
}

// Opened so often in a row, without success.
circuit opened(mono_time t, int times = 1) {
  circuit made{1, terms};
  fail_often(made, t);
  for (int i = 1; i < times; ++i) call(made, made.retry_at() + 10ms, call_end::bad);
  return made;
}

TEST(Circuit, OpensAtTheShareOfBadCallsAndNotBefore) {
  struct row {
    int good, bad;
    circuit_state after;
  };
  for (const auto& [good, bad, after] :
       {row{0, 3, circuit_state::closed}, row{0, 4, circuit_state::open},
        row{2, 2, circuit_state::open}, row{3, 2, circuit_state::closed},
        row{100, 99, circuit_state::closed}, row{100, 100, circuit_state::open}}) {
    circuit tried{1, terms};
    for (int i = 0; i < good; ++i) call(tried, at(0s), call_end::good);
    for (int i = 0; i < bad; ++i) call(tried, at(1s), call_end::bad);
    EXPECT_EQ(tried.state(), after) << good << " good, " << bad << " bad";
  }
}

TEST(Circuit, TakesASlowCallForABadOne) {
  circuit tried{1, terms};
  for (int i = 0; i < 8; ++i) call(tried, at(0s), call_end::good, 999ms);
  EXPECT_EQ(tried.state(), circuit_state::closed);
  for (int i = 0; i < 8; ++i) call(tried, at(2s), call_end::good, 1s);
  EXPECT_EQ(tried.state(), circuit_state::open);
}

TEST(Circuit, ForgetsWhatIsOlderThanItsWindow) {
  circuit tried{1, terms};
  for (int i = 0; i < 3; ++i) call(tried, at(0s), call_end::bad);
  call(tried, at(10s), call_end::bad);
  EXPECT_EQ(tried.state(), circuit_state::closed);
  for (int i = 0; i < 3; ++i) call(tried, at(18s), call_end::bad);
  EXPECT_EQ(tried.state(), circuit_state::open) << "those of the last ten seconds count together";
}

TEST(Circuit, TakesNoCallForGoodOrBadThatTellsNothing) {
  circuit tried{1, terms};
  for (int i = 0; i < 100; ++i) call(tried, at(0s), call_end::unknown, 5s);
  for (int i = 0; i < 3; ++i) call(tried, at(1s), call_end::bad);
  EXPECT_EQ(tried.state(), circuit_state::closed);
  call(tried, at(1s), call_end::bad);
  EXPECT_EQ(tried.state(), circuit_state::open);
}

TEST(Circuit, LetsNothingThroughBeforeItsRestIsOver) {
  auto tried = opened(at(0s));
  EXPECT_FALSE(tried.begin(at(0s)));
  EXPECT_FALSE(tried.begin(tried.retry_at() - 1ns));
  EXPECT_EQ(tried.state(), circuit_state::open);
  EXPECT_TRUE(tried.begin(tried.retry_at()));
  EXPECT_EQ(tried.state(), circuit_state::half_open);
}

TEST(Circuit, TriesAFewAtOnceAndClosesWhenAllWentWell) {
  auto tried = opened(at(0s));
  const auto t = tried.retry_at();
  const auto first = tried.begin(t);
  const auto second = tried.begin(t);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(tried.begin(t));
  tried.end(*first, t + 10ms, call_end::good);
  EXPECT_FALSE(tried.begin(t + 10ms)) << "one trial went well and one runs: no third is needed";
  tried.end(*second, t + 20ms, call_end::good);
  EXPECT_EQ(tried.state(), circuit_state::closed);
  for (int i = 0; i < 3; ++i) call(tried, t + 30ms, call_end::bad);
  EXPECT_EQ(tried.state(), circuit_state::closed) << "it begins anew, with an empty window";
}

TEST(Circuit, OpensAgainAfterOneBadTrial) {
  for (const auto length : {10ms, 1'000ms}) {
    auto tried = opened(at(0s));
    const auto t = tried.retry_at();
    ASSERT_TRUE(tried.begin(t));
    ASSERT_TRUE(call(tried, t + length, length == 10ms ? call_end::bad : call_end::good, length));
    EXPECT_EQ(tried.state(), circuit_state::open);
    EXPECT_GT(tried.retry_at(), t + length + 1'400ms) << "twice as long, but for chance";
  }
}

TEST(Circuit, MakesATrialAnewThatToldNothing) {
  auto tried = opened(at(0s));
  const auto t = tried.retry_at();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(call(tried, t + 1s, call_end::unknown));
  EXPECT_EQ(tried.state(), circuit_state::half_open);
}

TEST(Circuit, HearsNothingOfCallsFromBeforeItOpened) {
  circuit tried{1, terms};
  const auto early = tried.begin(at(0s));
  fail_often(tried, at(1s));
  const auto t = tried.retry_at();
  tried.end(*early, at(1s), call_end::good);
  ASSERT_TRUE(call(tried, t, call_end::unknown, 0ms));
  tried.end(*early, t, call_end::bad);
  EXPECT_EQ(tried.state(), circuit_state::half_open);
}

TEST(Circuit, RestsTwiceAsLongEachTimeUpToABoundAndBeginsAnewOnceItClosed) {
  for (const auto& [times, rest] :
       {std::pair{1, 1'000ms}, {2, 2'000ms}, {3, 4'000ms}, {4, 8'000ms}, {5, 8'000ms}}) {
    circuit tried{1, terms};
    fail_often(tried, at(0s));
    auto t = at(0s);
    for (int i = 1; i < times; ++i) {
      t = tried.retry_at() + 10ms;
      call(tried, t, call_end::bad);
    }
    EXPECT_GE(tried.retry_at() - t, rest * 3 / 4) << times;
    EXPECT_LE(tried.retry_at() - t, rest * 5 / 4 + 10ms) << times << ": after the call's end";
  }
  auto tried = opened(at(0s), 4);
  const auto t = tried.retry_at();
  call(tried, t, call_end::good, 0ms);
  call(tried, t, call_end::good, 0ms);
  fail_often(tried, t + 1s);
  EXPECT_LE(tried.retry_at() - (t + 1s), 1'250ms);
}

TEST(Circuit, RestsDifferentlyByChance) {
  std::vector<mono_time> ends;
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    circuit tried{seed, terms};
    fail_often(tried, at(0s));
    ends.push_back(tried.retry_at());
  }
  std::ranges::sort(ends);
  EXPECT_GT(ends.back() - ends.front(), 300ms);
}

// Against a log of every call, whatever comes in whatever order.
RC_GTEST_PROP(Circuit, AgreesWithANaiveLogOfEveryCall,
              (const std::vector<std::pair<std::uint16_t, std::uint8_t>>& steps)) {
  struct ended {
    mono_time at;
    bool bad;
  };
  constexpr auto slice = terms.window / 10;
  circuit tried{7, terms};
  std::vector<ended> log;          // of the closed circuit
  std::vector<circuit::call> out;  // of the half-open one: trials
  std::uint32_t good = 0;
  auto now = at(0s);
  for (const auto& [gap, what] : steps) {
    now += std::chrono::milliseconds{gap % 3'000};
    const auto before = tried.state();
    if (before == circuit_state::half_open && !out.empty() && what % 3 == 0) {
      const bool bad = what % 2 == 0 || now - out.back().began >= terms.slow;
      tried.end(out.back(), now, what % 2 == 0 ? call_end::bad : call_end::good);
      out.pop_back();
      good += bad ? 0 : 1;
      RC_ASSERT(tried.state() == (bad                    ? circuit_state::open
                                  : good == terms.trials ? circuit_state::closed
                                                         : circuit_state::half_open));
      if (tried.state() != circuit_state::half_open) {
        out.clear();
        good = 0;
        log.clear();
      }
      continue;
    }
    const auto begun = tried.begin(now);
    if (before == circuit_state::open) {
      RC_ASSERT(begun.has_value() == (now >= tried.retry_at()));
    } else if (before == circuit_state::half_open) {
      RC_ASSERT(begun.has_value() == (out.size() + good < terms.trials));
    } else {
      RC_ASSERT(begun.has_value());
    }
    if (!begun) continue;
    if (tried.state() == circuit_state::half_open) {
      out.push_back(*begun);
      continue;
    }
    const bool bad = what % 2 == 0;
    tried.end(*begun, now, bad ? call_end::bad : call_end::good);
    log.push_back({now, bad});
    const auto first =
        std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()) / slice * slice -
        9 * slice;
    const auto recent = [&](const ended& each) { return each.at.time_since_epoch() >= first; };
    const auto calls = std::ranges::count_if(log, recent);
    const auto failed =
        std::ranges::count_if(log, [&](const ended& each) { return each.bad && recent(each); });
    const bool opens = bad && calls >= std::int64_t{terms.least_calls} && failed * 2 >= calls;
    RC_ASSERT((tried.state() == circuit_state::open) == opens);
  }
}

}  // namespace
}  // namespace filemint::circuit_test
