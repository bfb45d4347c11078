#include "core/company_quota.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <variant>
#include <vector>

namespace filemint::company_quota_test {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_days today = std::chrono::year{2026} / 11 / 24;

class CompanyQuota : public ::testing::Test {
protected:
  // Noon on both clocks.
  static instant at(std::chrono::nanoseconds since) {
    return {today + 12h + std::chrono::floor<std::chrono::seconds>(since), mono_time{12h + since}};
  }
  quota_answer ask(instant now, const call_terms& terms, std::uint64_t limit = 600) {
    return quota_.ask(now, limit, terms, days_);
  }
  bool passes(instant now, const call_terms& terms, std::uint64_t limit = 600) {
    return std::holds_alternative<quota_admission>(ask(now, terms, limit));
  }
  static call_terms throttled(throttle_terms terms, const char* key = "a") {
    return {.key = key, .throttle = terms};
  }
  static call_terms tokens(std::uint64_t limit) { return {.key = "a", .tokens = limit}; }

  company_quota quota_;
  day_book days_;
};

TEST_F(CompanyQuota, ThrottlesAKeyAndTellsTheWindowWithoutTheCall) {
  const auto terms = throttled({.rate = 10, .burst = 2});
  EXPECT_TRUE(passes(at(0s), terms));
  EXPECT_TRUE(passes(at(0s), terms));
  const auto answer = ask(at(0s), terms);
  const auto& often = std::get<quota_throttled>(answer);
  EXPECT_EQ(often.next_pass, at(100ms).mono);
  EXPECT_EQ(often.window.limit, 600u);
  EXPECT_EQ(often.window.remaining, 598u);
  EXPECT_EQ(often.window.reset, at(60s).mono);
  EXPECT_TRUE(passes(at(0s), throttled({.rate = 10, .burst = 2}, "b"))) << "another key";
  EXPECT_TRUE(passes(at(100ms), terms));
}

TEST_F(CompanyQuota, CountsAKeysDayAndNotesIt) {
  const auto terms = throttled({.per_day = 2});
  EXPECT_TRUE(passes(at(0s), terms));
  EXPECT_TRUE(passes(at(0s), terms));
  const auto answer = ask(at(1s), terms);
  EXPECT_EQ(std::get<quota_throttled>(answer).next_pass, at(12h).mono);
  EXPECT_EQ(days_.find("a"), (day_count{today, 2}));
  EXPECT_TRUE(passes(at(12h), terms));
  EXPECT_EQ(days_.find("a"), (day_count{today + std::chrono::days{1}, 1}));
}

TEST_F(CompanyQuota, GoesOnFromTheDayThatWasKept) {
  days_.load({{"a", day_count{today, 1}}});
  EXPECT_TRUE(passes(at(0s), throttled({.per_day = 2})));
  EXPECT_FALSE(passes(at(0s), throttled({.per_day = 2})));
}

TEST_F(CompanyQuota, TakesNothingFromTheThrottleWhenTheWindowRefuses) {
  const auto terms = throttled({.per_day = 3, .rate = 1, .burst = 2});
  EXPECT_TRUE(passes(at(0s), terms, 1));
  for (int i = 0; i < 10; ++i) {
    const auto answer = ask(at(0s), terms, 1);
    ASSERT_TRUE(std::holds_alternative<quota_refusal>(answer)) << i;
    EXPECT_EQ(std::get<quota_refusal>(answer).next_pass, at(60s).mono);
  }
  EXPECT_EQ(days_.find("a").calls(), 1u);
  EXPECT_TRUE(passes(at(0s), terms));
  EXPECT_FALSE(passes(at(0s), terms)) << "the burst is used up by two";
}

TEST_F(CompanyQuota, IsThrottledBeforeTheWindowRefusesUntilBothPass) {
  const auto terms = throttled({.rate = 1, .burst = 1});
  EXPECT_TRUE(passes(at(0s), terms, 1));
  const auto answer = ask(at(0s), terms, 1);
  ASSERT_TRUE(std::holds_alternative<quota_throttled>(answer));
  EXPECT_EQ(std::get<quota_throttled>(answer).next_pass, at(60s).mono);
  EXPECT_TRUE(passes(at(60s), terms, 1));
}

TEST_F(CompanyQuota, LetsACallPassWhileThereIsAnyRoomForTokens) {
  EXPECT_TRUE(passes(at(0s), tokens(100)));
  quota_.spend(at(0s).mono, 99);
  EXPECT_TRUE(passes(at(1s), tokens(100)));
  quota_.spend(at(1s).mono, 1'000);  // the overdraft
  const auto answer = ask(at(2s), tokens(100));
  const auto& refusal = std::get<quota_refusal>(answer);
  EXPECT_EQ(refusal.category, quota_category::tokens);
  EXPECT_EQ(refusal.limit, 100u);
  EXPECT_EQ(refusal.next_pass, at(61s).mono);
  EXPECT_EQ(std::get<quota_admission>(ask(at(61s), tokens(100))).remaining, 599u)
      << "a call that was refused did not count";
}

TEST_F(CompanyQuota, TellsTheCallsFirstWhenBothWindowsAreFull) {
  EXPECT_TRUE(passes(at(0s), tokens(1), 1));
  quota_.spend(at(5s).mono, 1);
  const auto answer = ask(at(6s), tokens(1), 1);
  EXPECT_EQ(std::get<quota_refusal>(answer).category, quota_category::calls);
  EXPECT_EQ(std::get<quota_refusal>(answer).next_pass, at(65s).mono);
}

TEST_F(CompanyQuota, IsIdleOnceEverythingIsAsAtFirst) {
  EXPECT_TRUE(passes(at(0s), throttled({.per_day = 5, .rate = 1, .burst = 100})));
  quota_.spend(at(1s).mono, 1);
  EXPECT_FALSE(quota_.idle(at(60s).mono));
  EXPECT_EQ(quota_.throttled_keys(), 0u) << "its bucket is full, the book has its day";
  EXPECT_TRUE(quota_.idle(at(61s).mono));
  EXPECT_EQ(std::get<quota_throttled>(ask(at(62s), throttled({.per_day = 1}))).next_pass,
            at(12h).mono);
}

TEST_F(CompanyQuota, ThrottlesWhatNoWindowCounts) {
  const auto terms = throttled({.rate = 1, .burst = 1});
  EXPECT_EQ(quota_.ask_throttle(at(0s), terms, days_), std::nullopt);
  EXPECT_EQ(quota_.ask_throttle(at(0s), terms, days_), at(1s).mono);
  EXPECT_FALSE(passes(at(0s), terms)) << "the same bucket";
}

// A leased-out window is called in for single calls too.
TEST_F(CompanyQuota, WaitsForLeasesAndTakesNothingMeanwhile) {
  const auto lease = std::get<quota_grant>(quota_.calls.ask(at(0s).mono, 640'000, 1));
  const auto terms = throttled({.rate = 1, .burst = 1});
  EXPECT_TRUE(std::holds_alternative<quota_wait>(ask(at(0s), terms, 100)));
  quota_.calls.settle(at(0s).mono, {lease.id, {}});
  EXPECT_TRUE(passes(at(0s), terms, 100));
  EXPECT_FALSE(passes(at(0s), terms, 100));
}

TEST_F(CompanyQuota, DoesNotTakeCallsThatAreLeasedOutForAFullWindow) {
  const auto lease = std::get<quota_grant>(quota_.calls.ask(at(0s).mono, 640'000, 1));
  quota_.spend(at(0s).mono, 5);
  const auto answer = ask(at(1ms), tokens(5), 100);
  const auto& refusal = std::get<quota_refusal>(answer);
  EXPECT_EQ(refusal.category, quota_category::tokens);
  EXPECT_EQ(refusal.limit, 5u);
  EXPECT_EQ(refusal.next_pass, at(60s).mono);

  const auto terms = throttled({.rate = 1, .burst = 1});
  EXPECT_EQ(quota_.ask_throttle(at(2ms), terms, days_), std::nullopt);
  EXPECT_EQ(std::get<quota_throttled>(ask(at(2ms), terms, 100)).next_pass, at(1'002ms).mono);
  quota_.calls.settle(at(2ms).mono, {lease.id, {{tick_of(at(0s).mono), 100}}});
  EXPECT_EQ(std::get<quota_refusal>(ask(at(3ms), tokens(5), 100)).category, quota_category::calls);
}

struct step {
  std::uint32_t gap_ms, key, paths;
};

// Calls of three keys with everything configured at once, against logs of all that was admitted.
RC_GTEST_PROP(CompanyQuotaRules, AgreeWithNaiveLogsOfEveryAdmission, ()) {
  const auto limit = *rc::gen::inRange<std::uint64_t>(1, 12);
  const auto token_limit = *rc::gen::inRange<std::uint64_t>(1, 40);
  const throttle_terms throttle{.per_day = *rc::gen::inRange<std::uint32_t>(1, 20),
                                .rate = *rc::gen::inRange<std::uint16_t>(1, 3),
                                .burst = *rc::gen::inRange<std::uint16_t>(1, 4)};
  const auto steps = *rc::gen::container<std::vector<step>>(rc::gen::construct<step>(
      rc::gen::inRange<std::uint32_t>(0, 20'000), rc::gen::inRange<std::uint32_t>(0, 3),
      rc::gen::inRange<std::uint32_t>(1, 30)));
  struct admission {
    mono_time at;
    std::uint32_t key, paths;
  };
  std::vector<admission> log;
  company_quota quota;
  day_book days;
  auto since = 0ns;
  for (const auto& [gap_ms, key, paths] : steps) {
    since += std::chrono::milliseconds{gap_ms};
    const instant now{today + std::chrono::floor<std::chrono::seconds>(since), mono_time{since}};
    std::uint64_t calls = 0, used = 0, of_key = 0;
    bool bucket_allows = true;
    for (auto each = log.rbegin(); each != log.rend(); ++each) {
      if (now.mono < tick_of(each->at) + window_length) {
        ++calls;
        used += each->paths;
      }
      if (each->key != key) continue;
      ++of_key;  // all on one day
      const auto passed = static_cast<std::uint64_t>((now.mono - each->at).count());
      bucket_allows =
          bucket_allows && (of_key + 1) * 1'000'000'000 <=
                               throttle.burst * 1'000'000'000ULL + throttle.rate * passed;
    }
    const bool throttle_allows = bucket_allows && of_key < throttle.per_day;
    const call_terms terms{.key = std::string(1, static_cast<char>('a' + key)),
                           .throttle = throttle,
                           .tokens = token_limit};
    const auto answer = quota.ask(now, limit, terms, days);
    RC_ASSERT(std::holds_alternative<quota_throttled>(answer) == !throttle_allows);
    if (const auto* refusal = std::get_if<quota_refusal>(&answer)) {
      RC_ASSERT(refusal->category ==
                (calls >= limit ? quota_category::calls : quota_category::tokens));
    }
    const bool passed = std::holds_alternative<quota_admission>(answer);
    RC_ASSERT(passed == (throttle_allows && calls < limit && used < token_limit));
    if (!passed) continue;
    RC_ASSERT(std::get<quota_admission>(answer).remaining == limit - calls - 1);
    quota.spend(now.mono, paths);
    log.push_back({now.mono, key, paths});
  }
}

}  // namespace
}  // namespace filemint::company_quota_test
