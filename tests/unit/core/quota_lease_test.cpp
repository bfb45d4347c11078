#include "core/quota_lease.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace filemint::quota_lease_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

quota_grant grant_of(std::uint64_t amount) {
  return {.id = 1, .amount = amount, .limit = 9'000, .floor = 5'000, .expires = at(1s)};
}

TEST(QuotaLease, AdmitsNothingBeforeItIsGranted) {
  quota_lease lease;
  EXPECT_FALSE(lease.take(at(0s)));
  EXPECT_FALSE(lease.renew_due(at(0s)));
  EXPECT_FALSE(lease.expired(at(0s)));
  EXPECT_FALSE(lease.give_back());
}

TEST(QuotaLease, AdmitsAsManyCallsAsItWasGranted) {
  quota_lease lease;
  EXPECT_FALSE(lease.accept(at(0s), grant_of(2)));
  const auto first = lease.take(at(1ms));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->limit, 9'000u);
  EXPECT_EQ(first->remaining, 5'001u);
  EXPECT_EQ(first->reset, at(60s + 10ms));
  EXPECT_EQ(lease.take(at(2ms))->remaining, 5'000u);
  EXPECT_FALSE(lease.take(at(3ms)));
}

TEST(QuotaLease, AdmitsNothingFromItsExpiryOn) {
  quota_lease lease;
  (void)lease.accept(at(0s), grant_of(5));
  EXPECT_TRUE(lease.take(at(1s - 1ns)));
  EXPECT_FALSE(lease.expired(at(1s - 1ns)));
  EXPECT_FALSE(lease.take(at(1s)));
  EXPECT_TRUE(lease.expired(at(1s)));
}

TEST(QuotaLease, GivesBackItsAdmissionsByTick) {
  quota_lease lease;
  (void)lease.accept(at(0s), grant_of(10));
  for (const auto t : {1ms, 9ms, 10ms, 11ms, 35ms}) (void)lease.take(at(t));
  const auto back = lease.give_back();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, 1u);
  const std::vector<tick_count> expected{
      {tick_of(at(10ms)), 3}, {tick_of(at(20ms)), 1}, {tick_of(at(40ms)), 1}};
  EXPECT_EQ(back->admissions, expected);
  EXPECT_FALSE(lease.take(at(36ms)));
  EXPECT_FALSE(lease.give_back());
}

TEST(QuotaLease, HandsTheLeaseBeforeToBeSettled) {
  quota_lease lease;
  (void)lease.accept(at(0s), grant_of(10));
  (void)lease.take(at(5ms));
  auto next = grant_of(10);
  next.id = 2;
  const auto before = lease.accept(at(600ms), next);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->id, 1u);
  EXPECT_EQ(before->admissions.size(), 1u);
  EXPECT_EQ(lease.id(), 2u);
  EXPECT_TRUE(lease.give_back()->admissions.empty());
}

TEST(QuotaLease, AsksOnceAheadOfNeed) {
  quota_lease by_calls;
  (void)by_calls.accept(at(0s), grant_of(9));
  for (int i = 0; i < 5; ++i) {
    (void)by_calls.take(at(1ms));
    EXPECT_FALSE(by_calls.renew_due(at(1ms))) << i;
  }
  (void)by_calls.take(at(1ms));
  EXPECT_TRUE(by_calls.renew_due(at(1ms)));
  EXPECT_FALSE(by_calls.renew_due(at(1ms)));

  quota_lease by_time;
  (void)by_time.accept(at(0s), grant_of(9));
  EXPECT_FALSE(by_time.renew_due(at(240ms)));
  EXPECT_TRUE(by_time.renew_due(at(250ms)));
  EXPECT_FALSE(by_time.renew_due(at(250ms)));
}

}  // namespace
}  // namespace filemint::quota_lease_test
