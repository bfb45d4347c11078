#include "core/cluster/given_logs.hpp"

#include "core/rate_window.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace filemint::given_logs_test {
namespace {

using namespace std::chrono_literals;

const node_id a{"a", 1}, b{"b", 1}, c{"c", 1};

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

class GivenLogs : public ::testing::Test {
protected:
  void give(std::uint64_t calls, mono_time when) {
    from_.write({.company = "co_1", .calls = calls, .leased = 0, .at = when, .days = {}});
  }
  std::uint64_t take(given_logs& by, mono_time now, const given_part& part) {
    std::uint64_t calls = 0;
    by.take(now, part, [&](const node_id&, const given_logs::entry& e) {
      calls += e.calls;
      latest_ = e.at;
    });
    return calls;
  }

  given_logs from_{a}, to_{b};
  mono_time latest_;
};

TEST_F(GivenLogs, TellEachEntryOnce) {
  give(3, at(0s));
  give(4, at(1s));
  const auto first = from_.after(at(1s), a, 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(take(to_, at(1s), *first), 7u);
  EXPECT_EQ(to_.known(a), 2u);
  EXPECT_EQ(take(to_, at(1s), *first), 0u);
  give(5, at(2s));
  EXPECT_EQ(take(to_, at(2s), *from_.after(at(2s), a, 0)), 5u);
  EXPECT_FALSE(from_.after(at(2s), a, 3));
}

TEST_F(GivenLogs, WaitForWhatWasLost) {
  give(3, at(0s));
  give(4, at(1s));
  EXPECT_EQ(take(to_, at(1s), *from_.after(at(1s), a, 1)), 0u);
  EXPECT_EQ(to_.known(a), 0u);
  EXPECT_EQ(take(to_, at(1s), *from_.after(at(1s), a, 0)), 7u);
}

// Whose clock shows what does not matter, and a slow letter makes it later, never earlier.
TEST_F(GivenLogs, CountAnEntryAsLaterByTheLettersWay) {
  give(3, at(0s));
  const auto sent = *from_.after(at(250ms), a, 0);
  const auto received = mono_time{500h};
  take(to_, received, sent);
  EXPECT_EQ(latest_, received - 250ms);
}

TEST_F(GivenLogs, PassOnWhatAnotherNodeHasGiven) {
  give(3, at(0s));
  take(to_, at(1s), *from_.after(at(1s), a, 0));
  given_logs third{c};
  EXPECT_EQ(take(third, at(2s), *to_.after(at(2s), a, 0)), 3u);
  EXPECT_EQ(third.known(a), 1u);
  EXPECT_LE(latest_, at(1s));
  EXPECT_GE(latest_, at(0s));
}

TEST_F(GivenLogs, KeepAnEntryForAWindowAndSkipWhatIsOlder) {
  give(3, at(0s));
  give(4, at(30s));
  from_.forget(at(window_length));
  EXPECT_EQ(from_.entries(), 2u);
  from_.forget(at(given_logs::kept));
  EXPECT_EQ(from_.entries(), 1u);
  const auto rest = *from_.after(at(63s), a, 0);
  EXPECT_TRUE(rest.oldest);
  EXPECT_EQ(take(to_, at(63s), rest), 4u);
  EXPECT_EQ(to_.known(a), 2u);
  from_.forget(at(100s));
  EXPECT_EQ(from_.written(), 2u);
  // Nothing is left, but up to where it went has to be known.
  given_logs third{c};
  EXPECT_EQ(take(third, at(100s), *from_.after(at(100s), a, 0)), 0u);
  EXPECT_EQ(third.known(a), 2u);
  to_.forget(at(200s));
  EXPECT_EQ(to_.known(a), 0u);
}

}  // namespace
}  // namespace filemint::given_logs_test
