// Limiters and window owners together: one company's window on two cores.
#include "tests/unit/actors/window_fixture.hpp"

#include <list>
#include <vector>

namespace filemint::actors::window_test {
namespace {

using namespace std::chrono_literals;

class Window : public testing::window_test {
protected:
  // Leased out, and still used up in a moment.
  static constexpr std::size_t limit = 6'400;
  // Of such a window, to who has shown no need yet.
  static constexpr std::size_t first_lease = quota_ledger::least_lease;

  void start_with(std::size_t calls) {
    put_caller({.window_limit = calls});
    settings.http.max_in_flight = 10'000;
    start();
  }
};

TEST_F(Window, AdmitsSixHundredCallsAndRefusesTheNext) {
  settings.http.max_in_flight = 10'000;
  start();
  for (std::uint64_t i = 1; i <= 600; ++i) {
    ASSERT_TRUE(passes(0)) << i;
    ASSERT_EQ(passed.back()->notes.rate->limit, 600u);
    ASSERT_EQ(passed.back()->notes.rate->remaining, 600 - i);
  }
  EXPECT_EQ(traffic.asks.size(), 600u) << "a small window's calls are asked for one by one";
  const auto refused = post_on(0);
  EXPECT_EQ(refused->code(), errc::rate_limit_exceeded);
  EXPECT_EQ(*refused->detail<std::int64_t>("retry_after_seconds"), 60);
  EXPECT_EQ(refused->notes.rate->remaining, 0u);
  EXPECT_EQ(refused->notes.rate->reset, clock.mono + 60s);

  advance(60s - 1ms);
  EXPECT_FALSE(passes(0));
  advance(1ms);
  EXPECT_TRUE(passes(0));
}

TEST_F(Window, IsOneForTheLimitersOfAllCores) {
  put_caller({.window_limit = 10});
  start();
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(passes(i % cores)) << i;
  EXPECT_FALSE(passes(0));
  EXPECT_FALSE(passes(1));
}

TEST_F(Window, LeasesOutCallsWhereTheLimitIsLarge) {
  start_with(100'000);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_LE(traffic.asks.size(), 3u);
  EXPECT_EQ(traffic.asks.back().limit, 100'000u);
}

TEST_F(Window, CallsLeasesBackRatherThanRefuseWhileThereIsRoom) {
  start_with(limit);
  ASSERT_TRUE(passes(1));  // core 1 now holds a lease of 64, of which 63 are left
  for (std::size_t i = 1; i < limit; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_FALSE(passes(0));
  EXPECT_FALSE(passes(1));
}

TEST_F(Window, CountsWhatALostLimiterHeldAsUsed) {
  start_with(limit);
  ASSERT_TRUE(passes(1));
  limiters_[1] = spawn<limiter>(core(1));
  introduce(1);
  run();
  for (std::size_t i = 0; i < limit - first_lease; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_FALSE(passes(0));
}

TEST_F(Window, TakesAnExpiredLeaseBackBySettlement) {
  start_with(limit);
  ASSERT_TRUE(passes(1));
  advance(quota_ledger::lease_life + 400ms);
  ASSERT_EQ(traffic.settled.size(), 1u);
  EXPECT_EQ(traffic.settled[0].from, 1u);
  for (std::size_t i = 1; i < limit; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_FALSE(passes(0));
}

TEST_F(Window, RefusesNothingWhileALivingLimiterIsLateWithItsLease) {
  start_with(limit);
  traffic.late = 1;
  ASSERT_TRUE(passes(1));
  advance(3s);
  ASSERT_EQ(traffic.settled.size(), 1u);
  const auto on_its_way = traffic.settled[0];
  for (std::size_t i = 0; i < limit - first_lease; ++i) ASSERT_TRUE(passes(0)) << i;
  const auto waiting = post_on(0);
  advance(3s);
  EXPECT_FALSE(waiting->came());
  traffic.late.reset();
  tell(owner_, on_its_way);
  run();
  EXPECT_EQ(passed.back().shared(), waiting.under_way.lock());
  for (std::size_t i = 2; i < first_lease; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_FALSE(passes(0));
  EXPECT_FALSE(passes(1));
}

TEST_F(Window, KeepsACallWaitingUntilTheOwnerKnowsThatCoresLimiter) {
  put_caller({.window_limit = 2});
  start();
  owner_ = spawn<window_owner>(core());
  to_owner_ = spawn<testing::recording_owner>(traffic, owner_);
  for (const auto& each : limiters_) tell(each, std::size_t{0}, to_owner_);
  tell(owner_, std::size_t{0}, window_limiter_peer{limiters_[0]});
  const auto early = post_on(1);
  EXPECT_FALSE(early->came());
  const auto behind_it = post_on(0);
  EXPECT_FALSE(behind_it->came());
  EXPECT_TRUE(passed.empty());

  tell(owner_, std::size_t{1}, window_limiter_peer{limiters_[1]});
  run();
  ASSERT_EQ(passed.size(), 2u);
  EXPECT_EQ(passed[0].shared(), early.under_way.lock());
  EXPECT_EQ(passed[1].shared(), behind_it.under_way.lock());
  EXPECT_FALSE(passes(1)) << "both count";
}

TEST_F(Window, AnswersANewLimiterThatAskedWhileTheOwnerStillKnewTheLostOne) {
  put_caller({.window_limit = 2});
  start();
  ASSERT_TRUE(passes(1));
  const auto lost = std::exchange(limiters_[1], spawn<limiter>(core(1)));
  tell(limiters_[1], spawn<testing::recording_dispatcher>(passed));
  tell(limiters_[1], std::size_t{0}, to_owner_);
  const auto second = spawn<auth>(core(1));
  tell(second, limiter_actor{limiters_[1]});
  entrances_[1] = spawn<front_end>(core(1));
  tell(entrances_[1], second);
  const auto early = post_on(1);
  EXPECT_EQ(passed.size(), 1u);

  tell(owner_, std::size_t{1}, window_limiter_peer{limiters_[1]});
  run();
  EXPECT_EQ(passed.size(), 2u);
  EXPECT_FALSE(early->came());
  EXPECT_FALSE(passes(1)) << "both count";
}

TEST_F(Window, AnswersThoseWhoWaitForALostLimitersLeaseOnceItIsWrittenOff) {
  put_caller({.window_limit = 6'400});
  start();
  ASSERT_TRUE(passes(1));
  caf::anon_send_exit(limiters_[1], caf::exit_reason::kill);
  run();
  put_caller({.window_limit = 50});  // below what is leased out: each call waits for the lease
  const auto waiting = post_on(0);
  EXPECT_FALSE(waiting->came());
  EXPECT_EQ(passed.size(), 1u);
  limiters_[1] = spawn<limiter>(core(1));
  introduce(1);
  run();
  EXPECT_EQ(waiting->code(), errc::rate_limit_exceeded);
}

// The settlement went to an owner that had ended.
TEST_F(Window, WritesOffWhatNobodyHoldsOnceItsOwnerIsStartedAgain) {
  start_with(limit);
  traffic.late = 1;
  ASSERT_TRUE(passes(1));
  advance(3s);
  ASSERT_TRUE(passes(0));  // and this lease is held
  replace_owner();
  traffic.late.reset();
  for (std::size_t i = 1; i < limit - first_lease; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_FALSE(passes(0));
  EXPECT_FALSE(passes(1));
}

TEST_F(Window, WritesOffWhatALimiterHeldThatEndedWithTheOwner) {
  start_with(limit);
  ASSERT_TRUE(passes(1));
  limiters_[1] = spawn<limiter>(core(1));
  replace_owner();
  for (std::size_t i = 0; i < limit - first_lease; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_FALSE(passes(0));
}

TEST_F(Window, OutlivesItsOwner) {
  put_caller({.window_limit = 10});
  start();
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(passes(0)) << i;
  replace_owner();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(passes(1)) << i;
  EXPECT_FALSE(passes(0));
  advance(60s);
  EXPECT_TRUE(passes(0));
}

TEST_F(Window, StillKnowsTheLeasesThatALostOwnerGaveOut) {
  start_with(limit);
  ASSERT_TRUE(passes(1));
  replace_owner();
  for (std::size_t i = 1; i < limit; ++i) ASSERT_TRUE(passes(0)) << i;
  EXPECT_FALSE(passes(0));
  EXPECT_FALSE(passes(1));
}

TEST_F(Window, AnswersThoseWhoWaitedForALostOwner) {
  put_caller({.window_limit = 1, .throttle = {.rate = 1, .burst = 5}});
  start();
  end(caf::actor_cast<caf::actor>(owner_));
  run();
  const auto waiting = post_on(0);
  EXPECT_FALSE(waiting->came());
  EXPECT_TRUE(passed.empty());
  replace_owner();
  EXPECT_EQ(passed.size(), 1u);
  EXPECT_FALSE(passes(1));
}

// ---- a reload changes the configured limit

class ReloadedWindow : public Window {
protected:
  ReloadedWindow() { settings.http.max_in_flight = 100'000; }

  void reload(std::uint64_t calls_per_minute) {
    later_.push_back(settings);
    later_.back().mint.calls_per_minute = calls_per_minute;
    for (std::size_t i = 0; i < cores; ++i) core(i).settings = &later_.back();
  }
  // How many pass until one is refused.
  std::size_t passing() {
    std::size_t count = 0;
    while (passes(count % cores)) ++count;
    return count;
  }

private:
  std::list<config> later_;
};

TEST_F(ReloadedWindow, IsRaisedWithoutForgettingWhatWasAdmitted) {
  settings.mint.calls_per_minute = 10;
  start();
  EXPECT_EQ(passing(), 10u);
  reload(25);
  EXPECT_EQ(passing(), 15u);
  reload(6'400);
  EXPECT_EQ(passing(), 6'375u);
}

TEST_F(ReloadedWindow, IsLoweredAtOnceAndFreesWhenEnoughHasLeft) {
  settings.mint.calls_per_minute = 20;
  start();
  for (int i = 0; i < 15; ++i) ASSERT_TRUE(passes(0));
  advance(10s);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(passes(1));
  reload(5);
  const auto refused = post_on(0);
  EXPECT_EQ(refused->code(), errc::rate_limit_exceeded);
  EXPECT_EQ(refused->notes.rate->limit, 5u);
  EXPECT_EQ(refused->notes.rate->reset, clock.mono + 50s);
  advance(50s);
  EXPECT_EQ(passing(), 2u) << "three of ten seconds later are in it";
}

TEST_F(ReloadedWindow, IsLoweredUnderLeasesThatBothCoresHold) {
  settings.mint.calls_per_minute = 640'000;
  start();
  ASSERT_TRUE(passes(0));
  ASSERT_TRUE(passes(1));
  ASSERT_EQ(traffic.asks.size(), 2u) << "each holds a lease";
  reload(7);
  EXPECT_EQ(passing(), 5u);
  reload(640'000);
  EXPECT_TRUE(passes(0));
  ASSERT_TRUE(passes(1));
  reload(6'400);
  EXPECT_EQ(passing(), 6'400u - 9u);
}

// The ask was under way, the grant is of the former limit: nothing is admitted out of it.
TEST_F(ReloadedWindow, IsLoweredWhileAnAskIsUnderWay) {
  settings.mint.calls_per_minute = 640'000;
  start();
  front_end_ = entrances_[0];
  std::vector<sent_call> calls;
  for (int i = 0; i < 50; ++i) {
    calls.push_back(make_call());
    if (i == 1) reload(7);
    send_off(calls.back());
    if (i == 0) {
      while (traffic.asks.empty()) ASSERT_TRUE(run_one());
    }
  }
  run();
  EXPECT_LE(passed.size(), 8u);
  EXPECT_GE(passed.size(), 7u);
  EXPECT_FALSE(passes(1));
}

}  // namespace
}  // namespace filemint::actors::window_test
