#include "core/quota_ledger.hpp"

#include <gtest/gtest.h>

#include <variant>

namespace filemint::quota_ledger_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

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
  EXPECT_EQ(grant.amount, 640'000u / 1024);
  EXPECT_EQ(grant.limit, 640'000u);
  EXPECT_EQ(grant.floor, (640'000u - 640'000u / 1024) / 4 * 3);
  EXPECT_EQ(grant.expires, at(quota_ledger::lease_life));
  EXPECT_EQ(ledger.leases(), 1u);
}

// `used` calls in that time under a first lease. Gives the second one's size.
std::uint64_t next_after(std::uint64_t used, std::chrono::milliseconds held) {
  quota_ledger ledger;
  const auto first = std::get<quota_grant>(ledger.ask(at(0s), 640'000, 0));
  ledger.settle(at(held), {first.id, {{tick_of(at(held)), used}}});
  return std::get<quota_grant>(ledger.ask(at(held), 640'000, 0)).amount;
}

TEST(QuotaLedger, LeasesTwiceWhatTheHoldersLastLeaseShowsThatItNeeds) {
  EXPECT_EQ(next_after(500, 1s), 2'000u);
  EXPECT_EQ(next_after(500, quota_ledger::lease_life), 1'000u);
  EXPECT_EQ(next_after(500, 5s), 1'000u) << "a late settlement does not make it seem slow";
  EXPECT_EQ(next_after(3, 500ms), 640'000u / 1024) << "enough for a burst";
  EXPECT_EQ(next_after(625, 0ms), 640'000u / 64) << "no more than a small part";
}

TEST(QuotaLedger, LosesLittleWithALostHolder) {
  quota_ledger ledger;
  for (quota_holder lost = 0; lost < 64; ++lost) {
    (void)ledger.ask(at(0s), 640'000, lost);
    ledger.write_off(at(1s), lost);
  }
  EXPECT_GE(ledger.look(at(2s), 640'000).remaining, 600'000u);
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

TEST(QuotaLedger, CountsASilentLeaseAsUsedUntilItsCallsHaveLeft) {
  quota_ledger ledger;
  const auto silent = std::get<quota_grant>(ledger.ask(at(0s), 6'400, 0));
  constexpr auto left = quota_ledger::lease_life + window_length;
  EXPECT_EQ(ledger.look(at(left) - 1ns, 6'400).remaining, 6'400u - silent.amount);
  EXPECT_FALSE(ledger.idle(at(left) - 1ns));
  EXPECT_EQ(ledger.leases(), 1u);
  EXPECT_EQ(ledger.look(at(left), 6'400).remaining, 6'400u);
  EXPECT_TRUE(ledger.idle(at(left)));
  EXPECT_EQ(ledger.leases(), 0u);
}

TEST(QuotaLedger, TakesALeaseBackHoweverLate) {
  quota_ledger ledger;
  const auto grant = std::get<quota_grant>(ledger.ask(at(0s), 6'400, 0));
  ledger.settle(at(30s), {grant.id, {{tick_of(at(100ms)), 3}}});
  EXPECT_EQ(ledger.look(at(30s), 6'400).remaining, 6'397u);
  EXPECT_FALSE(ledger.idle(at(60s + 99ms)));
  EXPECT_TRUE(ledger.idle(at(60s + 100ms)));
}

TEST(QuotaLedger, RefusesNothingWhileALeaseIsOutThatIsOver) {
  quota_ledger ledger;
  const auto late = std::get<quota_grant>(ledger.ask(at(0s), 6'400, 0));
  // It holds nobody up who wants no more than what is left beside it.
  for (std::uint64_t i = 0; i < 6'400 - late.amount; ++i) {
    const auto answer = ledger.ask_one(at(2s), 6'400);
    ASSERT_TRUE(std::holds_alternative<quota_admission>(answer)) << i;
    EXPECT_EQ(std::get<quota_admission>(answer).reset, at(62s));
  }
  const auto answer = ledger.ask_one(at(3s), 6'400);
  ASSERT_TRUE(std::holds_alternative<quota_wait>(answer));
  const auto& wait = std::get<quota_wait>(answer);
  ASSERT_EQ(wait.recalls.size(), 1u);
  EXPECT_EQ(wait.recalls.front().id, late.id);
  EXPECT_EQ(wait.retry_at, late.expires + window_length);

  ledger.settle(at(4s), {late.id, {{tick_of(at(0s)), late.amount - 1}}});
  EXPECT_TRUE(std::holds_alternative<quota_admission>(ledger.ask_one(at(4s), 6'400)));
  const auto refusal = std::get<quota_refusal>(ledger.ask_one(at(4s), 6'400));
  EXPECT_EQ(refusal.next_pass, at(60s));
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

TEST(QuotaLedger, KeepsTheLeaseThatItsHolderKnowsOf) {
  quota_ledger ledger;
  (void)ledger.ask(at(0s), 6'400, 0);
  const auto known = *ledger.renew(at(0s), 6'400, 0);
  (void)ledger.ask(at(0s), 6'400, 1);
  ledger.write_off(at(2s), 0, known.id);
  EXPECT_EQ(ledger.leases(), 2u);
  ledger.settle(at(3s), {known.id, {}});
  EXPECT_EQ(ledger.leases(), 1u);
  ledger.write_off(at(3s), 1);
  // Nothing is admitted after an expiry.
  constexpr auto left = quota_ledger::lease_life + window_length;
  EXPECT_FALSE(ledger.idle(at(left) - 1ns));
  EXPECT_TRUE(ledger.idle(at(left)));
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
  EXPECT_EQ(wait.retry_at, lease.expires);
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

TEST(QuotaLedger, CountsACallAsAdmittedWhenItsAnswerMayArrive) {
  quota_ledger ledger;
  EXPECT_TRUE(std::holds_alternative<quota_admission>(ledger.ask_one(at(0s), 1, 250ms)));
  EXPECT_EQ(std::get<quota_refusal>(ledger.ask_one(at(60s), 1)).next_pass, at(60s + 250ms));
  EXPECT_TRUE(std::holds_alternative<quota_admission>(
      ledger.ask(at(60s + 250ms), 1, 0, quota_ledger::any_size, 1s)));
  EXPECT_EQ(std::get<quota_refusal>(ledger.ask_one(at(61s), 1)).next_pass, at(121s + 250ms));
}

TEST(QuotaLedger, LeasesNoMoreThanAllowed) {
  quota_ledger ledger;
  EXPECT_EQ(std::get<quota_grant>(ledger.ask(at(0s), 640'000, 0, 100)).amount, 100u);
  EXPECT_EQ(ledger.renew(at(0s), 640'000, 0, 200)->amount, 200u);
  EXPECT_EQ(ledger.leased(), 300u);
  // Less than a lease is worth: one call.
  EXPECT_TRUE(std::holds_alternative<quota_admission>(ledger.ask(at(0s), 640'000, 0, 10)));
  EXPECT_FALSE(ledger.renew(at(0s), 640'000, 0, 10));
}

TEST(QuotaLedger, RecallsAllLeasesAndTellsThoseThatAreStillOut) {
  quota_ledger ledger;
  const auto one = std::get<quota_grant>(ledger.ask(at(0s), 640'000, 3));
  const auto two = std::get<quota_grant>(ledger.ask(at(0s), 640'000, 4));
  EXPECT_TRUE(ledger.recalled().empty());
  EXPECT_EQ(ledger.recall_all().size(), 2u);
  EXPECT_TRUE(ledger.recall_all().empty());
  ledger.settle(at(1ms), {one.id, {}});
  ASSERT_EQ(ledger.recalled().size(), 1u);
  EXPECT_EQ(ledger.recalled().front().id, two.id);
  EXPECT_EQ(ledger.recalled().front().holder, 4u);
}

}  // namespace
}  // namespace filemint::quota_ledger_test
