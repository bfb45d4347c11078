// Two nodes of one core each on one test's thread, with real hubs and limiters: what one relay
// sends comes to the other.
#include "actors/quota_relay.hpp"

#include "actors/auth.hpp"
#include "actors/cluster_limiter.hpp"
#include "actors/front_end.hpp"
#include "tests/unit/actors/fixture.hpp"

#include <array>
#include <variant>

namespace filemint::actors::quota_relay_test {
namespace {

using namespace std::chrono_literals;

class QuotaRelay : public testing::actor_test {
protected:
  static constexpr std::array<const char*, 2> names{"node1", "node2"};

  void start(bool begin = true) {
    for (std::size_t i = 0; i < 2; ++i) {
      auto& context = core(i);
      context.core = 0;  // each is a node's only one
      context.asker.emplace(std::uint16_t{0});
      context.seat = std::make_unique<quota_seat>(node_id{names[i], 1}, clock.mono, node().days);
      context.seat->send = [this, i](peer_letter letter) {
        ASSERT_EQ(letter.to, names[1 - i]);
        ++sent_[i];
        if (std::holds_alternative<peer_return>(letter.what)) ++given_back_[i];
        if (linked_) tell(relays_[1 - i], peer_wrote{std::move(letter.what)});
      };
      relays_[i] = spawn<quota_relay>(context);
      limiters_[i] = spawn<cluster_limiter>(context);
      tell(limiters_[i], spawn<testing::recording_dispatcher>(passed_[i]));
      tell(limiters_[i], relays_[i]);
      tell(relays_[i], std::size_t{0}, cluster_limiter_peer{limiters_[i]});
      const auto second = spawn<auth>(context);
      tell(second, limiter_actor{limiters_[i]});
      entrances_[i] = spawn<front_end>(context);
      tell(entrances_[i], second);
      if (begin) tell(relays_[i], members_told{{names[0], names[1]}});
    }
    run();
  }
  // Of one node by itself; `late`: the second one's limiter comes when owners are known.
  void start_two_cores(bool late = false) {
    start(false);
    core(1).core = 1;
    core(1).asker.emplace(std::uint16_t{1});
    tell(limiters_[1], relays_[0]);
    const auto second = cluster_limiter_peer{limiters_[1]};
    if (!late) tell(relays_[0], std::size_t{1}, second);
    tell(relays_[0], members_told{{names[0]}});
    advance(100ms);
    if (late) tell(relays_[0], std::size_t{1}, second);
  }
  // Two nodes that hear each other no more, and know it.
  void start_apart() {
    start();
    advance(2s);
    linked_ = false;
    advance(5s);
  }
  sent_call post_on(std::size_t node) {
    front_end_ = entrances_[node];
    return post();
  }

  std::array<quota_relay_actor, 2> relays_;
  std::array<cluster_limiter_actor, 2> limiters_;
  std::array<front_end_actor, 2> entrances_;
  std::array<std::vector<admitted>, 2> passed_;
  std::array<std::size_t, 2> sent_{};        // letters
  std::array<std::size_t, 2> given_back_{};  // leases, among them
  bool linked_ = true;
};

TEST_F(QuotaRelay, TwoNodesAdmitOneLimitTogether) {
  put_caller({.window_limit = 10});
  start();
  advance(2s);
  ASSERT_TRUE(core(0).seat->routed && core(1).seat->routed);
  std::vector<sent_call> calls;
  for (std::size_t i = 0; i < 16; ++i) {
    calls.push_back(post_on(i % 2));
    advance(50ms);
  }
  EXPECT_EQ(passed_[0].size(), 5u);
  EXPECT_EQ(passed_[1].size(), 5u);
  for (std::size_t i = 10; i < calls.size(); ++i) {
    EXPECT_EQ(calls[i]->code(), errc::rate_limit_exceeded) << i;
  }
  EXPECT_EQ(passed_[1].back()->notes.rate->remaining, 0u);
}

TEST_F(QuotaRelay, TakesNoPartBeforeItKnowsTheMembers) {
  start(false);
  advance(2s);
  EXPECT_EQ(sent_[0] + sent_[1], 0u);
  EXPECT_FALSE(core(0).seat->routed);
  const auto call = post_on(0);
  advance(100ms);
  EXPECT_TRUE(passed_[0].empty());
  linked_ = false;
  for (const auto& each : relays_) tell(each, members_told{{names[0], names[1]}});
  advance(2s);
  EXPECT_GT(sent_[0], 0u);
  EXPECT_FALSE(core(0).seat->routed) << "nobody owns anything before the two have met";
  linked_ = true;
  advance(2s);
  EXPECT_TRUE(core(0).seat->routed);
  EXPECT_EQ(passed_[0].size(), 1u) << "who waited has an owner now";
}

TEST_F(QuotaRelay, OneThatIsStartedAgainGoesOnWithWhatItsNodeHasGiven) {
  put_caller({.window_limit = 6});
  start();
  advance(2s);
  for (std::size_t i = 0; i < 4; ++i) {
    post_on(i % 2);
    advance(50ms);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    end(caf::actor_cast<caf::actor>(relays_[i]));
    run();
    relays_[i] = spawn<quota_relay>(core(i));
    tell(limiters_[i], relays_[i]);
    tell(relays_[i], std::size_t{0}, cluster_limiter_peer{limiters_[i]});
  }
  advance(2s);  // longer than a node counts that is not heard
  for (std::size_t i = 0; i < 6; ++i) {
    post_on(i % 2);
    advance(50ms);
  }
  EXPECT_EQ(passed_[0].size() + passed_[1].size(), 6u);
}

TEST_F(QuotaRelay, ANodeThatLeavesHandsOverAndItsCallsGoOn) {
  put_caller({.window_limit = 10});
  start();
  advance(2s);
  for (std::size_t i = 0; i < 6; ++i) {
    post_on(i % 2);
    advance(50ms);
  }
  std::size_t left = 0;
  bool handed_over = false;
  tell(relays_[0], leave_quotas{[&] {
         ++left;
         handed_over = core(0).seat->hub.left(clock.mono);
       }});
  advance(2s);
  EXPECT_EQ(left, 1u);
  EXPECT_TRUE(handed_over) << "when it was told";
  EXPECT_EQ(core(0).seat->hub.desk().companies(), 0u);
  for (std::size_t i = 0; i < 8; ++i) {
    post_on(i % 2);
    advance(50ms);
  }
  EXPECT_EQ(passed_[0].size() + passed_[1].size(), 10u);
  EXPECT_GT(passed_[0].size(), 3u) << "the one that leaves asks the other";

  std::size_t ended = 0;
  tell(relays_[0], end_quotas{[&] { ++ended; }});
  advance(100ms);
  EXPECT_EQ(ended, 1u);
  EXPECT_EQ(core(1).seat->hub.view().nodes(), 1u) << "it has heard the goodbye";
}

TEST_F(QuotaRelay, CutOffFromTheOtherANodeGivesItsShare) {
  put_caller({.window_limit = 10});
  start_apart();
  for (std::size_t i = 0; i < 24; ++i) {
    post_on(i % 2);
    advance(50ms);
  }
  EXPECT_EQ(passed_[0].size(), 5u);
  EXPECT_EQ(passed_[1].size(), 5u);
}

TEST_F(QuotaRelay, CutOffFromTheStoreTooANodeGivesNothing) {
  start_apart();
  advance(5s);
  post_on(0);
  EXPECT_EQ(passed_[0].size(), 1u) << "it reads the store";
  node().store_read = [read = clock.mono] { return read; };
  advance(10s);
  post_on(0);
  advance(1s);
  EXPECT_EQ(passed_[0].size(), 1u);
  node().store_read = [] { return mono_time::max(); };
  advance(1s);
  EXPECT_EQ(passed_[0].size(), 2u) << "who waited is asked for again";
}

TEST_F(QuotaRelay, ANodeThatIsListedNoMoreDoesNotCount) {
  put_caller({.window_limit = 10});
  start_apart();
  tell(relays_[0], members_told{{names[0]}});
  for (std::size_t i = 0; i < 12; ++i) {
    post_on(0);
    advance(50ms);
  }
  EXPECT_EQ(passed_[0].size(), 10u);
}

TEST_F(QuotaRelay, EachCoreOfANodeGetsItsMailAndNoOther) {
  start_two_cores();
  for (std::size_t i = 0; i < 4; ++i) post_on(i % 2);
  EXPECT_EQ(passed_[0].size(), 2u);
  EXPECT_EQ(passed_[1].size(), 2u);

  const auto deliver = [&](std::uint16_t to) {
    tell(relays_[0], peer_wrote{peer_answer{.from = {names[1], 1},
                                            .core = to,
                                            .company = "co_xyz",
                                            .number = 999,
                                            .what = calls_leased{.id = 7, .amount = 1}}});
    run();
    return given_back_[0];
  };
  EXPECT_EQ(deliver(1), 1u) << "a lease that nobody asked for goes back";
  EXPECT_EQ(deliver(2), 1u) << "no such core";
}

TEST_F(QuotaRelay, ALimiterThatComesLaterHearsOfTheOwners) {
  start_two_cores(true);
  post_on(1);
  EXPECT_EQ(passed_[1].size(), 1u);
}

TEST_F(QuotaRelay, HasNothingToHandOverBeforeItTakesPart) {
  start(false);
  std::size_t left = 0;
  tell(relays_[0], leave_quotas{[&] { ++left; }});
  run();
  EXPECT_EQ(left, 1u);
}

}  // namespace
}  // namespace filemint::actors::quota_relay_test
