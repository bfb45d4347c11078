// Peers that are cut off, stopped, killed, or leave.
#include "tests/unit/cluster/gate.hpp"
#include "tests/unit/cluster/world.hpp"

#include <caf/send.hpp>

#include <future>

namespace filemint::actors::testing::cuts_test {
namespace {

// `a` dials `b` through a gate.
class Cuts : public cluster_test {
protected:
  Cuts() : way(ports.at("b")) {
    auto through = terms("a");
    through.link.peers = {{"b", "127.0.0.1", way.port()}};
    a = start(std::move(through));
    b = start("b");
    EXPECT_TRUE(both(peer_state::up));
  }

  bool both(peer_state state) {
    return happens([&] { return a->sees("b", state) && b->sees("a", state); });
  }
  using answer = std::future<result<caf::message>>;
  answer ping(test_member& from, const std::string& peer, std::chrono::milliseconds timeout) {
    const auto kept = std::make_shared<std::promise<result<caf::message>>>();
    caf::anon_send(from->peers(),
                   peer_call{.peer = peer,
                             .timeout = timeout,
                             .make = [](auto n) { return caf::make_message(peer_v1::ping{n}); },
                             .done = [kept](auto got) { kept->set_value(std::move(got)); }});
    return kept->get_future();
  }
  static errc failure(answer& of) {
    EXPECT_EQ(of.wait_for(generous), std::future_status::ready);
    const auto got = of.get();
    EXPECT_FALSE(got);
    return got ? errc{} : got.error().code;
  }

  gate way;
  std::unique_ptr<test_member> a, b;
};

TEST_F(Cuts, ACutIsSeenWithinThreeSecondsAndHealed) {
  const auto began = mono_clock::now();
  way.swallow(true, true);
  ASSERT_TRUE(both(peer_state::down));
  const auto took = mono_clock::now() - began;
  EXPECT_LT(took, 3s);
  EXPECT_GT(took, 1s);
  const auto told = a->changes();
  ASSERT_GE(told.size(), 3U);
  EXPECT_EQ(told[1].to, peer_state::suspect);
  EXPECT_EQ(told[2].to, peer_state::down);
  EXPECT_GT(a->failures(link_failure::silent) + a->failures(link_failure::lost), 0U);
  way.swallow(false, false);
  EXPECT_TRUE(both(peer_state::up));
}

TEST_F(Cuts, AOneWayCutIsSeenByBoth) {
  const auto began = mono_clock::now();
  way.swallow(true, false);
  ASSERT_TRUE(both(peer_state::down));
  EXPECT_LT(mono_clock::now() - began, 3s);
  way.swallow(false, false);
  EXPECT_TRUE(both(peer_state::up));
}

TEST_F(Cuts, ACloseIsSeenAtOnceAndFailsWhatIsUnderWay) {
  way.swallow(true, true);
  auto pending = ping(*a, "b", 60s);
  EXPECT_EQ(pending.wait_for(50ms), std::future_status::timeout);
  const auto began = mono_clock::now();
  way.close();
  EXPECT_EQ(failure(pending), errc::service_unavailable);
  EXPECT_LT(mono_clock::now() - began, 200ms);
}

TEST_F(Cuts, CallsAreAnswered) {
  auto called = ping(*a, "b", 10s);
  auto back = ping(*b, "a", 10s);
  for (auto* each : {&called, &back}) {
    ASSERT_EQ(each->wait_for(generous), std::future_status::ready);
    const auto got = each->get();
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(got->match_elements<peer_v1::pong>());
  }
}

TEST_F(Cuts, ACallThatIsNotAnsweredEndsAtItsTimeout) {
  way.swallow(true, true);
  auto late = ping(*a, "b", 300ms);
  EXPECT_EQ(failure(late), errc::gateway_timeout);
}

TEST_F(Cuts, NothingIsSentToWhoIsDownOrUnknown) {
  b.reset();
  ASSERT_TRUE(happens([&] { return a->sees("b", peer_state::down); }));
  auto down = ping(*a, "b", 60s);
  EXPECT_EQ(failure(down), errc::service_unavailable);
  auto unknown = ping(*a, "z", 60s);
  EXPECT_EQ(failure(unknown), errc::service_unavailable);
  const auto told = std::make_shared<std::promise<errc>>();
  caf::anon_send((*a)->peers(),
                 peer_send{.peer = "b",
                           .message = caf::make_message(peer_v1::ping{1}),
                           .failed = [told](const error& why) { told->set_value(why.code); }});
  EXPECT_EQ(told->get_future().get(), errc::service_unavailable);
}

TEST_F(Cuts, WhoLeavesIsKnownToHaveLeftWhileItsLinkStillStands) {
  (*b)->leave();
  const auto seen = a->peer("b");
  EXPECT_EQ(seen->state, peer_state::down);
  EXPECT_TRUE(seen->said_goodbye);
  EXPECT_EQ(a->failures(link_failure::lost), 0U);
  EXPECT_TRUE(b->sees("a", peer_state::up));
  // A link that it loses while it drains does not make it one of us again.
  way.close();
  ASSERT_TRUE(happens([&] { return a->links() == 2 && b->sees("a", peer_state::up); }));
  EXPECT_TRUE(a->peer("b")->said_goodbye);
  EXPECT_TRUE(a->sees("b", peer_state::down));
}

TEST_F(Cuts, LeavingDoesNotWaitForWhoIsCutOff) {
  way.swallow(true, true);
  const auto began = mono_clock::now();
  (*b)->leave();
  EXPECT_LT(mono_clock::now() - began, 1500ms);
}

}  // namespace
}  // namespace filemint::actors::testing::cuts_test
