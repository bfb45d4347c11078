// The limiter alone: its window's owner is the test.
#include "actors/limiter.hpp"

#include "core/quota_ledger.hpp"
#include "tests/unit/actors/fixture.hpp"

namespace filemint::actors::limiter_test {
namespace {

using namespace std::chrono_literals;

class Limiter : public testing::actor_test {
protected:
  void start() {
    third_ = spawn<limiter>(core());
    tell(third_, spawn<testing::recording_dispatcher>(passed));
    tell(third_, std::size_t{0}, spawn<testing::recording_owner>(to_owner, window_owner_actor{}));
    connect(limiter_actor{third_});
  }
  void reply(quota_answer answer, bool ahead = false) {
    tell(third_, quota_reply{0, ahead, std::move(answer)});
    run();
  }
  quota_admission one(std::uint64_t remaining = 5) const {
    return {600, remaining, clock.mono + 60s};
  }
  quota_grant lease(std::uint64_t amount, lease_id id = 1) const {
    return {.id = id, .amount = amount, .limit = 600, .floor = 100, .expires = clock.mono + 1s};
  }

  window_limiter_actor third_;
  std::vector<admitted> passed;
  testing::quota_traffic to_owner;
};

TEST_F(Limiter, AsksForACallAndPassesItOnWithItsFigures) {
  start();
  const auto call = post();
  ASSERT_EQ(to_owner.asks.size(), 1u);
  EXPECT_EQ(to_owner.asks[0].limit, settings.mint.calls_per_minute);
  EXPECT_FALSE(to_owner.asks[0].ahead);
  EXPECT_TRUE(passed.empty());
  reply(one(7));
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0]->notes.rate->remaining, 7u);
}

TEST_F(Limiter, AsksUnderTheCompanysOwnLimitWhereItHasOne) {
  put_caller({.window_limit = 12});
  start();
  const auto call = post();
  ASSERT_EQ(to_owner.asks.size(), 1u);
  EXPECT_EQ(to_owner.asks[0].limit, 12u);
}

TEST_F(Limiter, AsksForOneCallAtATimeInTheirOrder) {
  start();
  const auto first = post();
  const auto second = post();
  EXPECT_EQ(to_owner.asks.size(), 1u);
  reply(one());
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0].shared(), first.under_way.lock());
  EXPECT_EQ(to_owner.asks.size(), 2u);
  reply(one());
  ASSERT_EQ(passed.size(), 2u);
  EXPECT_EQ(passed[1].shared(), second.under_way.lock());
  EXPECT_EQ(to_owner.asks.size(), 2u);
}

TEST_F(Limiter, AsksNobodyWhileItHoldsALease) {
  start();
  const auto first = post();
  reply(lease(9));
  for (int i = 0; i < 5; ++i) post();
  EXPECT_EQ(passed.size(), 6u);
  EXPECT_EQ(to_owner.asks.size(), 2u);
  EXPECT_TRUE(to_owner.asks.back().ahead) << "of need, when a third is left";
  EXPECT_EQ(passed.back()->notes.rate->remaining, 103u);
}

TEST_F(Limiter, ServesThoseWhoWaitOutOfALeaseAndAsksForTheOthers) {
  start();
  std::vector<sent_call> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(post());
  reply(lease(2));
  EXPECT_EQ(passed.size(), 2u);
  EXPECT_EQ(to_owner.asks.size(), 2u);
  ASSERT_EQ(to_owner.settled.size(), 1u) << "a used lease comes back before more is asked for";
  EXPECT_EQ(to_owner.settled[0].back.admissions,
            (std::vector<tick_count>{{tick_of(clock.mono), 2}}));
}

TEST_F(Limiter, SkipsCallsWhoseDeadlineHasPassed) {
  start();
  const auto first = post();
  const auto second = post();
  first.under_way.lock()->answer(fail(errc::gateway_timeout));
  reply(one());
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0].shared(), second.under_way.lock());

  const auto third = post();
  const auto fourth = post();
  third.under_way.lock()->answer(fail(errc::gateway_timeout));
  reply(lease(1));
  ASSERT_EQ(passed.size(), 2u);
  EXPECT_EQ(passed[1].shared(), fourth.under_way.lock());
  EXPECT_EQ(third->code(), errc::gateway_timeout);
}

TEST_F(Limiter, RefusesEveryCallWithoutAskingUntilTheNextPasses) {
  start();
  std::vector<sent_call> calls;
  calls.push_back(post());
  calls.push_back(post());
  const auto next_pass = clock.mono + 20s + 1ms;
  reply(quota_refusal{600, next_pass});
  calls.push_back(post());
  EXPECT_EQ(to_owner.asks.size(), 1u);
  for (const auto& call : calls) {
    EXPECT_EQ(call->code(), errc::rate_limit_exceeded);
    ASSERT_NE(call->detail<std::string>("category"), nullptr);
    EXPECT_EQ(*call->detail<std::string>("category"), "auto_generator");
    ASSERT_NE(call->detail<std::int64_t>("retry_after_seconds"), nullptr);
    EXPECT_EQ(*call->detail<std::int64_t>("retry_after_seconds"), 21);
    EXPECT_EQ(call->notes.rate->limit, 600u);
    EXPECT_EQ(call->notes.rate->remaining, 0u);
    EXPECT_EQ(call->notes.rate->reset, next_pass);
  }
  clock.mono = next_pass - 1ns;
  calls.push_back(post());
  EXPECT_EQ(to_owner.asks.size(), 1u);
  ASSERT_NE(calls.back()->detail<std::int64_t>("retry_after_seconds"), nullptr);
  EXPECT_EQ(*calls.back()->detail<std::int64_t>("retry_after_seconds"), 1);
  clock.mono = next_pass;
  calls.push_back(post());
  EXPECT_EQ(to_owner.asks.size(), 2u);
}

TEST_F(Limiter, AsksAgainAtOnceWhenTheLimitHasChanged) {
  start();
  auto refused = post();
  reply(quota_refusal{600, clock.mono + 20s});
  put_caller({.window_limit = 700});
  const auto call = post();
  ASSERT_EQ(to_owner.asks.size(), 2u);
  EXPECT_EQ(to_owner.asks.back().limit, 700u);
}

TEST_F(Limiter, GivesALeaseBackAtARecall) {
  start();
  const auto call = post();
  reply(lease(9, 4));
  tell(third_, lease_recalled{0, 3});
  run();
  EXPECT_TRUE(to_owner.settled.empty()) << "another lease's recall";
  tell(third_, lease_recalled{0, 4});
  run();
  ASSERT_EQ(to_owner.settled.size(), 1u);
  EXPECT_EQ(to_owner.settled[0].back.id, 4u);
  EXPECT_EQ(to_owner.settled[0].back.admissions.size(), 1u);
  const auto next = post();
  EXPECT_EQ(to_owner.asks.size(), 2u);
}

TEST_F(Limiter, SettlesAnExpiredLeaseWithinATick) {
  start();
  const auto call = post();
  reply(lease(9, 4));
  advance(1s - 10ms);
  EXPECT_TRUE(to_owner.settled.empty());
  advance(310ms);
  ASSERT_EQ(to_owner.settled.size(), 1u);
  EXPECT_EQ(to_owner.settled[0].back.id, 4u);
}

TEST_F(Limiter, AsksANewOwnerForThoseWhoWait) {
  start();
  const auto call = post();
  testing::quota_traffic to_next;
  const auto next = spawn<testing::recording_owner>(to_next, window_owner_actor{});
  tell(third_, std::size_t{0}, next);
  tell(third_, std::size_t{0}, next);
  run();
  EXPECT_EQ(to_owner.asks.size(), 1u);
  EXPECT_EQ(to_next.asks.size(), 1u);
}

TEST_F(Limiter, LeavesTheOwnersAdmissionToTheCallThatItIsAskedFor) {
  start();
  const auto first = post();
  reply(lease(1));
  const auto oldest = post();
  const auto behind = post();
  ASSERT_EQ(passed.size(), 1u);
  reply(lease(9, 2), true);
  ASSERT_EQ(passed.size(), 2u);
  EXPECT_EQ(passed[1].shared(), behind.under_way.lock());
  reply(one());
  ASSERT_EQ(passed.size(), 3u);
  EXPECT_EQ(passed[2].shared(), oldest.under_way.lock());
  tell(third_, lease_recalled{0, 2});
  run();
  EXPECT_EQ(to_owner.settled.back().back.admissions.front().calls, 1u);
}

TEST_F(Limiter, TellsANewOwnerWhatItHolds) {
  start();
  const auto call = post();
  reply(lease(9, 4));
  testing::quota_traffic to_next, to_second;
  tell(third_, std::size_t{0}, spawn<testing::recording_owner>(to_next, window_owner_actor{}));
  tell(third_, std::size_t{1}, spawn<testing::recording_owner>(to_second, window_owner_actor{}));
  run();
  ASSERT_EQ(to_next.held.size(), 1u);
  EXPECT_EQ(to_next.held[0].from, core().core);
  ASSERT_EQ(to_next.held[0].leases.size(), 1u);
  EXPECT_EQ(to_next.held[0].leases[0].company, 0u);
  EXPECT_EQ(to_next.held[0].leases[0].id, 4u);
  ASSERT_EQ(to_second.held.size(), 1u) << "of other companies";
  EXPECT_TRUE(to_second.held[0].leases.empty());
}

TEST_F(Limiter, HasABodyReadOnlyOnceItsCallIsAdmitted) {
  start();
  auto made = make_call();
  const auto session = std::make_shared<testing::fake_body>();
  made.out->body = body_state::pending;
  made.out->rest_of_body = session;
  send_off(made);
  run();
  EXPECT_TRUE(session->wanted.empty());
  reply(one());
  ASSERT_EQ(session->wanted.size(), 1u);
  EXPECT_EQ(session->wanted[0].shared(), made.under_way.lock());
  EXPECT_TRUE(passed.empty());
  session->wanted.clear();
}

}  // namespace
}  // namespace filemint::actors::limiter_test
