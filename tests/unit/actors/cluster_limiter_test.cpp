// A cluster's limiter: who owns windows is the test.
#include "actors/cluster_limiter.hpp"

#include "tests/unit/actors/fixture.hpp"

#include <variant>

namespace filemint::actors::cluster_limiter_test {
namespace {

using namespace std::chrono_literals;

class recording_relay final : public quota_relay_actor::base {
public:
  using base = quota_relay_actor::base;
  recording_relay(caf::actor_config& cfg, std::vector<peer_letter>& seen)
      : base(cfg), seen_(seen) {}

protected:
  behavior_type make_behavior() override {
    return {[this](letters_posted& posted) {
              for (auto& each : posted.letters) seen_.push_back(std::move(each));
            },
            [](const peer_wrote&) {},
            [](const members_told&) {},
            [](const leave_quotas&) {},
            [](const end_quotas&) {},
            [](const quota_tick&) {},
            [](std::size_t, const cluster_limiter_peer&) {}};
  }

private:
  std::vector<peer_letter>& seen_;
};

class ClusterLimiter : public testing::actor_test {
protected:
  static inline const node_id self{"node1", 7};
  static inline const node_id owner{"node2", 9};

  void start() {
    core().asker.emplace(std::uint16_t{3});
    third_ = spawn<cluster_limiter>(core());
    tell(third_, spawn<testing::recording_dispatcher>(passed));
    tell(third_, spawn<recording_relay>(letters));
    lead_to(owner.name);
    connect(limiter_actor{third_});
  }
  // All companies are that node's.
  void lead_to(const std::string& name) {
    routes_.self = self;
    ++routes_.version;
    routes_.candidates = candidate_set{{name}};
    routes_.live = {"node2", "node3"};
    tell(third_, routes_changed{std::make_shared<const quota_routes>(routes_)});
    run();
  }
  template <class Message>
  std::vector<Message> sent() const {
    std::vector<Message> all;
    for (const auto& each : letters) {
      if (const auto* what = std::get_if<Message>(&each.what)) all.push_back(*what);
    }
    return all;
  }
  void deliver(peer_message mail) {
    tell(third_, mail_delivered{{std::move(mail)}});
    run();
  }
  void answer(const peer_ask& ask, decltype(peer_answer::what) what) {
    deliver(peer_answer{.from = owner,
                        .core = ask.core,
                        .company = ask.company,
                        .number = ask.number,
                        .what = std::move(what)});
  }
  static calls_leased lease(std::uint64_t amount) {
    return {.id = 5, .amount = amount, .limit = 600, .floor = 100, .life = 1s};
  }

  cluster_limiter_actor third_;
  quota_routes routes_;
  std::vector<admitted> passed;
  std::vector<peer_letter> letters;
};

TEST_F(ClusterLimiter, AsksTheOwnerByTheCompanysNameAndPassesTheCallOn) {
  start();
  const auto call = post();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].to, "node2");
  const auto ask = sent<peer_ask>().at(0);
  EXPECT_EQ(ask.from, self);
  EXPECT_EQ(ask.core, 3u);
  EXPECT_EQ(ask.company, "co_xyz");
  EXPECT_EQ(ask.limit, settings.mint.calls_per_minute);
  EXPECT_TRUE(passed.empty());
  answer(ask, calls_admitted{1, {600, 41, 59s}});
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0]->notes.rate->limit, 600u);
  EXPECT_EQ(passed[0]->notes.rate->remaining, 41u);
  EXPECT_EQ(passed[0]->notes.rate->reset, clock.mono + 59s);
}

TEST_F(ClusterLimiter, AsksOnceForAllThatComeMeanwhile) {
  start();
  std::vector<sent_call> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(post());
  ASSERT_EQ(sent<peer_ask>().size(), 1u);
  answer(sent<peer_ask>()[0], calls_admitted{1, {600, 9, 60s}});
  ASSERT_EQ(sent<peer_ask>().size(), 2u);
  EXPECT_EQ(sent<peer_ask>()[1].calls, 3u);
  answer(sent<peer_ask>()[1], calls_admitted{2, {600, 7, 60s}});
  ASSERT_EQ(passed.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(passed[i].shared(), calls[i].under_way.lock()) << i;
  answer(sent<peer_ask>()[2], calls_refused{600, 20s, quota_category::calls});
  EXPECT_EQ(calls[3]->code(), errc::rate_limit_exceeded);
}

TEST_F(ClusterLimiter, AsksNobodyWhileItHoldsALease) {
  start();
  const auto first = post();
  answer(sent<peer_ask>()[0], lease(9));
  letters.clear();
  for (int i = 0; i < 4; ++i) post();
  EXPECT_EQ(passed.size(), 5u);
  EXPECT_TRUE(letters.empty());
  EXPECT_EQ(passed.back()->notes.rate->remaining, 104u);
  post();
  ASSERT_EQ(sent<peer_ask>().size(), 1u) << "when a third is left";
  EXPECT_TRUE(sent<peer_ask>()[0].ahead);
}

TEST_F(ClusterLimiter, RefusesWithoutAskingUntilTheNextPassesOrOwnersChange) {
  start();
  const auto first = post();
  answer(sent<peer_ask>()[0], calls_refused{600, 20s, quota_category::calls});
  EXPECT_EQ(first->code(), errc::rate_limit_exceeded);
  const auto second = post();
  EXPECT_EQ(second->code(), errc::rate_limit_exceeded);
  EXPECT_EQ(second->notes.rate->reset, clock.mono + 20s);
  EXPECT_EQ(sent<peer_ask>().size(), 1u);
  lead_to("node3");
  const auto third = post();
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[1].to, "node3");
}

TEST_F(ClusterLimiter, AsksANewOwnerForThoseWhoWait) {
  start();
  const auto call = post();
  lead_to("node3");
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[1].to, "node3");
  answer(sent<peer_ask>()[0], calls_admitted{1, {600, 9, 60s}});
  EXPECT_TRUE(passed.empty()) << "an answer to an ask that was given up";
}

TEST_F(ClusterLimiter, LeavesTheTurnOfACallThatWasAnsweredToTheNext) {
  start();
  const auto first = post();
  const auto second = post();
  first.under_way.lock()->answer(fail(errc::gateway_timeout));
  answer(sent<peer_ask>()[0], calls_admitted{1, {600, 9, 60s}});
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0].shared(), second.under_way.lock());
  advance(2s);
  EXPECT_EQ(sent<peer_ask>().size(), 1u) << "nobody waits any more";
}

TEST_F(ClusterLimiter, AsksNoMoreForCallsThatWereAnsweredMeanwhile) {
  start();
  std::vector<sent_call> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(post());
  calls[2].under_way.lock()->answer(fail(errc::gateway_timeout));
  answer(sent<peer_ask>()[0], calls_admitted{3, {600, 9, 60s}});
  EXPECT_EQ(passed.size(), 3u);
  advance(5s);
  EXPECT_EQ(sent<peer_ask>().size(), 2u) << "the second one before the turn was left";
  post().under_way.lock()->answer(fail(errc::gateway_timeout));
  advance(5s);
  EXPECT_EQ(sent<peer_ask>().size(), 3u);
}

TEST_F(ClusterLimiter, AsksNoMoreForASingleCallThatWasAnswered) {
  put_caller({.throttle = {.per_day = 5}});
  start();
  const auto first = post();
  first.under_way.lock()->answer(fail(errc::gateway_timeout));
  advance(5s);
  ASSERT_EQ(sent<peer_ask>().size(), 1u);
  const auto second = post();
  second.under_way.lock()->answer(fail(errc::gateway_timeout));
  answer(sent<peer_ask>()[1], calls_admitted{1, {600, 9, 60s}});
  EXPECT_TRUE(passed.empty());
}

TEST_F(ClusterLimiter, GivesALeaseBackAtARecallAndAgainUntilItIsTaken) {
  start();
  const auto call = post();
  answer(sent<peer_ask>()[0], lease(9));
  deliver(peer_recall{owner, 3, "co_xyz", 5});
  ASSERT_EQ(sent<peer_return>().size(), 1u);
  EXPECT_EQ(sent<peer_return>()[0].admissions.size(), 1u);
  advance(600ms);
  const auto again = sent<peer_return>().size();
  EXPECT_GE(again, 2u);
  deliver(peer_return_taken{owner, 3, "co_xyz", 5});
  advance(600ms);
  EXPECT_EQ(sent<peer_return>().size(), again);
}

TEST_F(ClusterLimiter, AsksSinglyForAThrottledKeyAndTellsWhenItPasses) {
  put_caller({.throttle = {.per_day = 5}});
  start();
  const auto call = post();
  const auto ask = sent<peer_ask>().at(0);
  ASSERT_TRUE(ask.terms.has_value());
  EXPECT_EQ(ask.terms->key, key_id());
  EXPECT_EQ(ask.terms->throttle.per_day, 5u);
  answer(ask, calls_throttled{{600, 8, 60s}, 30s});
  EXPECT_EQ(call->code(), errc::throttled);
  ASSERT_NE(call->detail<std::int64_t>("retry_after_seconds"), nullptr);
  EXPECT_EQ(*call->detail<std::int64_t>("retry_after_seconds"), 30);
  EXPECT_EQ(call->notes.rate->remaining, 8u);
}

TEST_F(ClusterLimiter, RefusesByTheTokensWindowInItsName) {
  put_caller({.token_limit = 50});
  start();
  const auto call = post();
  const auto ask = sent<peer_ask>().at(0);
  ASSERT_TRUE(ask.terms.has_value());
  EXPECT_EQ(ask.terms->tokens, 50u);
  answer(ask, calls_refused{50, 12s, quota_category::tokens});
  EXPECT_EQ(call->code(), errc::rate_limit_exceeded);
  ASSERT_NE(call->detail<std::string>("category"), nullptr);
  EXPECT_EQ(*call->detail<std::string>("category"), "tokens");
}

TEST_F(ClusterLimiter, TellsTheOwnerOfTokens) {
  start();
  tell(third_, paths_spent{0, 12});
  run();
  ASSERT_EQ(sent<peer_spent>().size(), 1u);
  EXPECT_EQ(sent<peer_spent>()[0].company, "co_xyz");
  EXPECT_EQ(sent<peer_spent>()[0].paths, 12u);
}

TEST_F(ClusterLimiter, AsksForAThrottleThatNoWindowCounts) {
  start();
  std::vector<std::optional<mono_time>> told;
  const auto ask = [&] {
    tell(third_,
         throttle_ask{0, {"key", {.per_day = 5}}, [&](auto when) { told.push_back(when); }});
    run();
    return sent<peer_ask>().back();
  };
  const auto first = ask();
  EXPECT_FALSE(first.counted);
  EXPECT_EQ(first.terms->key, "key");
  answer(first, calls_admitted{1, {}});
  answer(ask(), calls_throttled{{}, 7s});
  EXPECT_EQ(told, (std::vector<std::optional<mono_time>>{std::nullopt, clock.mono + 7s}));
}

TEST_F(ClusterLimiter, OneThatIsStartedAgainKeepsItsLeases) {
  start();
  const auto first = post();
  answer(sent<peer_ask>()[0], lease(9));
  end(caf::actor_cast<caf::actor>(third_));
  run();
  third_ = spawn<cluster_limiter>(core());
  tell(third_, spawn<testing::recording_dispatcher>(passed));
  tell(third_, spawn<recording_relay>(letters));
  connect(limiter_actor{third_});
  letters.clear();
  const auto second = post();
  EXPECT_EQ(passed.size(), 2u);
  EXPECT_TRUE(letters.empty());
}

TEST_F(ClusterLimiter, OneThatIsStartedAgainAsksForItsOwnCallsAlone) {
  start();
  const auto first = post();
  end(caf::actor_cast<caf::actor>(third_));
  run();
  third_ = spawn<cluster_limiter>(core());
  tell(third_, spawn<recording_relay>(letters));
  connect(limiter_actor{third_});
  const auto second = post();
  advance(5s);
  EXPECT_EQ(sent<peer_ask>().back().calls, 1u);
}

}  // namespace
}  // namespace filemint::actors::cluster_limiter_test
