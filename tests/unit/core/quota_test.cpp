#include "tests/unit/core/quota_world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <variant>
#include <vector>

namespace filemint {
namespace {

using namespace std::chrono_literals;
using testing::quota_world;

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

// ---- the ledger

TEST(QuotaLedger, AdmitsOneCallAnAskUnderASmallLimit) {
  quota_ledger ledger;
  for (std::uint64_t i = 1; i <= 600; ++i) {
    const auto answer = ledger.ask(at(1ms), 600, 0);
    ASSERT_TRUE(std::holds_alternative<quota_admission>(answer)) << i;
    const auto& admission = std::get<quota_admission>(answer);
    EXPECT_EQ(admission.limit, 600u);
    EXPECT_EQ(admission.remaining, 600 - i);
    EXPECT_EQ(admission.reset, at(60s + 10ms));
  }
  EXPECT_EQ(ledger.leases(), 0u);
}

TEST(QuotaLedger, RefusesTheCallAfterTheLastUntilTheFirstHasLeft) {
  quota_ledger ledger;
  const auto admitted = [&](mono_time t) {
    return std::holds_alternative<quota_admission>(ledger.ask(t, 2, 0));
  };
  EXPECT_TRUE(admitted(at(0s)));
  EXPECT_TRUE(admitted(at(5s)));
  const auto answer = ledger.ask(at(6s), 2, 0);
  ASSERT_TRUE(std::holds_alternative<quota_refusal>(answer));
  EXPECT_EQ(std::get<quota_refusal>(answer).next_pass, at(60s));
  EXPECT_FALSE(admitted(at(60s - 1ns)));
  EXPECT_TRUE(admitted(at(60s)));
  EXPECT_FALSE(admitted(at(60s)));
}

TEST(QuotaLedger, TellsTheNextPassWithTheLastCall) {
  quota_ledger ledger;
  (void)ledger.ask(at(0s), 2, 0);
  const auto last = std::get<quota_admission>(ledger.ask(at(7s), 2, 0));
  EXPECT_EQ(last.remaining, 0u);
  EXPECT_EQ(last.reset, at(60s));
}

TEST(QuotaLedger, LeasesASmallPartOfALargeWindow) {
  quota_ledger ledger;
  const auto grant = std::get<quota_grant>(ledger.ask(at(0s), 640'000, 0));
  EXPECT_EQ(grant.amount, 10'000u);
  EXPECT_EQ(grant.limit, 640'000u);
  EXPECT_EQ(grant.floor, 630'000u / 4 * 3);
  EXPECT_EQ(grant.expires, at(1s));
  EXPECT_EQ(ledger.leases(), 1u);
}

TEST(QuotaLedger, TakesBackWhatALeaseDidNotUse) {
  quota_ledger ledger;
  const auto grant = std::get<quota_grant>(ledger.ask(at(0s), 640'000, 0));
  ledger.settle(at(500ms), {grant.id, {{tick_of(at(100ms)), 3}}});
  EXPECT_EQ(ledger.leases(), 0u);
  const auto admission = std::get<quota_admission>(ledger.ask(at(1s), 5'000, 0));
  EXPECT_EQ(admission.remaining, 5'000u - 4);
  EXPECT_TRUE(ledger.idle(at(2min)));
}

TEST(QuotaLedger, NeverNamesTwoLeasesAlike) {
  quota_ledger first, second;
  const auto one = std::get<quota_grant>(first.ask(at(0s), 640'000, 0)).id;
  const auto two = std::get<quota_grant>(first.ask(at(0s), 640'000, 0)).id;
  const auto later = std::get<quota_grant>(second.ask(at(2min), 640'000, 0)).id;
  EXPECT_LT(one, two);
  EXPECT_LT(two, later);
}

TEST(QuotaLedger, CountsASilentLeaseAsUsedAtItsExpiry) {
  quota_ledger ledger;
  const auto grant = std::get<quota_grant>(ledger.ask(at(0s), 6'400, 0));
  const auto written_off = grant.expires + quota_ledger::settlement_grace;
  EXPECT_FALSE(ledger.idle(written_off - 1ns));
  EXPECT_EQ(ledger.leases(), 1u);
  EXPECT_FALSE(ledger.idle(written_off));
  EXPECT_EQ(ledger.leases(), 0u);
  ledger.settle(written_off, {grant.id, {}});  // too late
  EXPECT_FALSE(ledger.idle(at(61s) - 1ns));
  EXPECT_TRUE(ledger.idle(at(61s)));
}

TEST(QuotaLedger, CountsAllThatALostHolderHeldAsUsedNow) {
  quota_ledger ledger;
  (void)ledger.ask(at(0s), 6'400, 0);
  (void)ledger.ask(at(0s), 6'400, 1);
  ledger.write_off(at(500ms), 1);
  EXPECT_EQ(ledger.leases(), 1u);
  ledger.write_off(at(500ms), 0);
  EXPECT_FALSE(ledger.idle(at(60s + 499ms)));
  EXPECT_TRUE(ledger.idle(at(60s + 500ms)));
}

TEST(QuotaLedger, RecallsALeaseOnceBeforeItBreaksItsFloor) {
  quota_ledger ledger;
  const auto lease = std::get<quota_grant>(ledger.ask(at(0s), 6'400, 7));
  auto answer = ledger.ask(at(1ms), 6'400, 8);
  while (std::holds_alternative<quota_grant>(answer)) answer = ledger.ask(at(1ms), 6'400, 8);
  ASSERT_TRUE(std::holds_alternative<quota_wait>(answer));
  const auto& wait = std::get<quota_wait>(answer);
  ASSERT_FALSE(wait.recalls.empty());
  EXPECT_EQ(wait.recalls.front().holder, 7u);
  EXPECT_EQ(wait.recalls.front().id, lease.id);
  EXPECT_EQ(wait.retry_at, lease.expires + quota_ledger::settlement_grace);
  EXPECT_FALSE(ledger.renew(at(1ms), 6'400, 8));
  // While the recall is under way, one call at a time goes on in the room that nobody was promised.
  EXPECT_TRUE(std::holds_alternative<quota_admission>(ledger.ask(at(1ms), 6'400, 8)));
  ledger.settle(at(2ms), {lease.id, {}});
  EXPECT_TRUE(std::holds_alternative<quota_grant>(ledger.ask(at(2ms), 6'400, 8)));
}

TEST(QuotaLedger, WaitsForAllLeasesBeforeItRefusesUnderALoweredLimit) {
  quota_ledger ledger;
  const auto lease = std::get<quota_grant>(ledger.ask(at(0s), 640'000, 0));
  const auto answer = ledger.ask(at(1ms), 100, 1);
  ASSERT_TRUE(std::holds_alternative<quota_wait>(answer));
  EXPECT_EQ(std::get<quota_wait>(answer).recalls.size(), 1u);
  ledger.settle(at(2ms), {lease.id, {{tick_of(at(0s)), 250}, {tick_of(at(10ms)), 1}}});
  const auto refusal = std::get<quota_refusal>(ledger.ask(at(10ms), 100, 1));
  EXPECT_EQ(refusal.limit, 100u);
  EXPECT_EQ(refusal.next_pass, at(60s));
}

TEST(QuotaLedger, KeepsItsLogShortUnderADemosLimit) {
  quota_ledger ledger;
  for (auto t = 0ms; t < 2min; t += 500ms) {
    const auto grant = std::get<quota_grant>(ledger.ask(at(t), 100'000'000, 0));
    quota_settlement back{grant.id, {}};
    for (auto tick = 10ms; tick <= 500ms; tick += 10ms) {
      back.admissions.push_back({tick_of(at(t + tick)), 1'000});
    }
    ledger.settle(at(t + 500ms), back);
  }
  EXPECT_LE(ledger.entries(), 6'001u);
}

// ---- the lease

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
  EXPECT_FALSE(by_time.renew_due(at(600ms)));
  EXPECT_TRUE(by_time.renew_due(at(700ms)));
  EXPECT_FALSE(by_time.renew_due(at(700ms)));
}

// ---- both, in a world of several holders and slow messages

struct burst {
  std::uint32_t gap_ms, calls, holder, spacing_us;
};

rc::Gen<std::vector<burst>> bursts(std::uint32_t longest_gap_ms, std::uint32_t most_calls) {
  return rc::gen::container<std::vector<burst>>(rc::gen::construct<burst>(
      rc::gen::inRange<std::uint32_t>(0, longest_gap_ms),
      rc::gen::inRange<std::uint32_t>(1, most_calls), rc::gen::inRange<std::uint32_t>(0, 3),
      rc::gen::inRange<std::uint32_t>(0, 2'000)));
}

// Returns when the last call comes.
mono_time schedule(quota_world& world, const std::vector<burst>& load) {
  auto t = at(0s);
  for (const auto& [gap_ms, calls, holder, spacing_us] : load) {
    t += std::chrono::milliseconds{gap_ms};
    for (std::uint32_t i = 0; i < calls; ++i) {
      world.call_at(t, holder);
      t += std::chrono::microseconds{spacing_us};
    }
  }
  return t;
}

RC_GTEST_PROP(Quota, KeepsItsPromisesUnderSmallLimits, ()) {
  quota_world world(*rc::gen::inRange<std::uint64_t>(1, 60), 3, 20ms,
                    *rc::gen::arbitrary<std::uint32_t>());
  schedule(world, *bursts(20'000, 30));
  world.run();
}

RC_GTEST_PROP(Quota, KeepsItsPromisesWithLeases, ()) {
  quota_world world(*rc::gen::inRange<std::uint64_t>(6'000, 9'000), 3, 20ms,
                    *rc::gen::arbitrary<std::uint32_t>());
  schedule(world, *bursts(2'000, 600));
  world.run();
  RC_CLASSIFY(world.seen.refused > 0, "filled the window");
  RC_CLASSIFY(world.seen.recalls > 0, "recalled leases");
}

RC_GTEST_PROP(Quota, NeverAdmitsMoreWhenHoldersAreLost, ()) {
  quota_world world(*rc::gen::inRange<std::uint64_t>(6'000, 9'000), 3, 20ms,
                    *rc::gen::arbitrary<std::uint32_t>());
  const auto load = *bursts(2'000, 600);
  const auto end = schedule(world, load);
  for (quota_holder h = 0; h < 2; ++h) {
    world.kill_at(at(*rc::gen::inRange<std::int64_t>(0, (end - at(0s)).count() + 1) * 1ns), h);
  }
  world.run();
}

RC_GTEST_PROP(Quota, NeverAdmitsMoreThanTheHighestLimitWhileLimitsChange, ()) {
  quota_world world(7'000, 3, 20ms, *rc::gen::arbitrary<std::uint32_t>());
  const auto end = schedule(world, *bursts(2'000, 600));
  for (int i = 0; i < 5; ++i) {
    world.set_limit_at(at(*rc::gen::inRange<std::int64_t>(0, (end - at(0s)).count() + 1) * 1ns),
                       *rc::gen::inRange<std::uint64_t>(1, 20'000));
  }
  world.run();
}

RC_GTEST_PROP(Quota, LetsAClientPassThatWaitsUntilReset, ()) {
  const auto limit = *rc::gen::inRange<std::uint64_t>(1, 20);
  const auto gaps = *rc::gen::container<std::vector<std::uint32_t>>(
      rc::gen::inRange<std::uint32_t>(0, 20'000'000));
  quota_ledger ledger;
  auto now = at(0s);
  for (const auto gap : gaps) {
    now += std::chrono::microseconds{gap};
    auto answer = ledger.ask(now, limit, 0);
    if (const auto* refusal = std::get_if<quota_refusal>(&answer)) {
      auto early = ledger;
      RC_ASSERT(
          std::holds_alternative<quota_refusal>(early.ask(refusal->next_pass - 1ns, limit, 0)));
      now = refusal->next_pass;
      answer = ledger.ask(now, limit, 0);
    }
    RC_ASSERT(std::holds_alternative<quota_admission>(answer));
    const auto& admission = std::get<quota_admission>(answer);
    // At Reset the window is empty again, or, when nothing remains, the next call passes.
    auto later = ledger;
    RC_ASSERT(admission.reset > now);
    const auto next = std::get<quota_admission>(later.ask(admission.reset, limit, 0));
    if (admission.remaining > 0) {
      RC_ASSERT(next.remaining == limit - 1);
    } else {
      auto early = ledger;
      RC_ASSERT(std::holds_alternative<quota_refusal>(early.ask(admission.reset - 1ns, limit, 0)));
    }
  }
}

}  // namespace
}  // namespace filemint
