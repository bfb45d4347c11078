#include "core/day_count.hpp"

#include "core/day_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace filemint::day_count_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr sys_days today = std::chrono::year{2026} / 11 / 24;

bool passes(day_count& count, wall_time t, std::uint64_t limit) {
  if (count.next_pass(t, limit) > t) return false;
  count.take(t);
  return true;
}

TEST(DayCount, RefusesTheCallAfterTheLastUntilMidnight) {
  day_count count;
  EXPECT_TRUE(passes(count, today + 10h, 2));
  EXPECT_TRUE(passes(count, today + 11h, 2));
  EXPECT_FALSE(passes(count, today + 11h, 2));
  EXPECT_EQ(count.next_pass(today + 12h, 2), wall_time{today + days{1}});
  EXPECT_FALSE(passes(count, today + 24h - 1s, 2));
  EXPECT_TRUE(passes(count, today + 24h, 2));
  EXPECT_EQ(count.calls(), 1u);
}

TEST(DayCount, GivesNoFreshDayToAClockThatIsSetBack) {
  day_count count;
  EXPECT_TRUE(passes(count, today + 1h, 1));
  EXPECT_FALSE(passes(count, today - 1s, 1)) << "back over midnight";
  EXPECT_EQ(count.next_pass(today - 1s, 1), wall_time{today + days{1}});
  EXPECT_FALSE(passes(count, today + 2h, 1)) << "and forth";
}

TEST(DayCount, GoesOnCountingInTheDayOfAClockThatWasFarAhead) {
  day_count count;
  EXPECT_TRUE(passes(count, today + days{365}, 1));
  EXPECT_FALSE(passes(count, today + 1h, 1)) << "no fresh day";
  EXPECT_TRUE(passes(count, today + days{1}, 1)) << "but not locked for a year";
}

// A clock that steps by hours, to and fro.
RC_GTEST_PROP(DayCount, AgreesWithANaiveLogWhateverTheClockDoes, ()) {
  const auto limit = *rc::gen::inRange<std::uint64_t>(1, 6);
  const auto steps = *rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(-20 * 3'600, 30 * 3'600));
  day_count count;
  std::vector<sys_days> log;  // each admission's day, as the latest clock so far told it
  wall_time now{today};
  sys_days latest{};
  for (const auto step : steps) {
    // Never back by more than a day from the latest.
    now = std::max(now + std::chrono::seconds{step}, wall_time{latest - days{1}});
    latest = std::max(latest, std::chrono::floor<days>(now));
    const auto used = static_cast<std::uint64_t>(std::ranges::count(log, latest));
    const bool passed = passes(count, now, limit);
    RC_ASSERT(passed == (used < limit));
    if (passed) log.push_back(latest);
  }
}

class DayBook : public ::testing::Test {
protected:
  static key_day entry(const char* key, std::uint64_t calls, sys_days day = today) {
    return {key, day_count{day, calls}};
  }
  void note(const key_day& each) { book_.note(each.key, each.count); }

  day_book book_;
};

TEST_F(DayBook, TellsEachChangeOnceAsItStandsNow) {
  note(entry("a", 1));
  note(entry("a", 2));
  note(entry("b", 7));
  EXPECT_THAT(book_.take_changed(), ElementsAre(entry("a", 2), entry("b", 7)));
  EXPECT_THAT(book_.take_changed(), IsEmpty());
  EXPECT_EQ(book_.find("a"), (day_count{today, 2}));
}

TEST_F(DayBook, TellsAgainWhatCouldNotBeWrittenButNeverWhatWasOvertaken) {
  note(entry("a", 1));
  note(entry("b", 1));
  const auto taken = book_.take_changed();
  note(entry("b", 2));
  book_.put_back(taken);
  EXPECT_THAT(book_.take_changed(), ::testing::UnorderedElementsAre(entry("a", 1), entry("b", 2)));
}

TEST_F(DayBook, GoesOnFromWhatWasKept) {
  note(entry("b", 9));
  book_.load({entry("a", 5), entry("b", 3)});
  EXPECT_EQ(book_.find("a"), (day_count{today, 5}));
  EXPECT_EQ(book_.find("b"), (day_count{today, 9}));
  EXPECT_EQ(book_.find("c"), day_count{});
}

TEST_F(DayBook, ForgetsOldDaysOnceTheyAreWritten) {
  note(entry("a", 1, today - days{2}));
  book_.forget_before(today);
  EXPECT_EQ(book_.find("a").calls(), 1u);
  EXPECT_EQ(book_.take_changed().size(), 1u);
  book_.forget_before(today);
  EXPECT_EQ(book_.find("a"), day_count{});
}

TEST_F(DayBook, NeverGoesBackOnWhatAnotherNodeTells) {
  note(entry("a", 5));
  book_.raise("a", {today, 3});
  EXPECT_EQ(book_.find("a"), (day_count{today, 5}));
  book_.raise("a", {today, 7});
  EXPECT_EQ(book_.find("a"), (day_count{today, 7}));
  book_.raise("a", {today - days{1}, 100});
  EXPECT_EQ(book_.find("a"), (day_count{today, 7}));
  book_.raise("a", {today + days{1}, 1});
  EXPECT_EQ(book_.find("a"), (day_count{today + days{1}, 1}));
  book_.raise("b", {today, 2});
  EXPECT_EQ(book_.find("b"), (day_count{today, 2}));
}

TEST_F(DayBook, LeavesWhatAnotherNodeTellsToItUntilThatIsGone) {
  book_.raise("b", {today, 2});
  book_.raise("a", {today, 3});
  note(entry("c", 4));
  EXPECT_THAT(book_.take_changed(), ElementsAre(entry("c", 4)));
  book_.inherit();
  EXPECT_THAT(book_.take_changed(), ElementsAre(entry("a", 3), entry("b", 2)));
  book_.raise("a", {today, 3});  // nothing new
  book_.inherit();
  EXPECT_THAT(book_.take_changed(), IsEmpty());
}

}  // namespace
}  // namespace filemint::day_count_test
