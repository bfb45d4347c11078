#include "tests/unit/cluster/world.hpp"

#include <algorithm>
#include <string>

namespace filemint::actors::testing::member_test {
namespace {

using Member = cluster_test;

TEST_F(Member, TwoNodesSeeEachOtherUp) {
  const auto a = start("a");
  const auto b = start("b");
  ASSERT_TRUE(
      happens([&] { return a->sees("b", peer_state::up) && b->sees("a", peer_state::up); }));
  const auto seen = b->peer("a");
  EXPECT_EQ(seen->greeting.version, peer_v1::version);
  EXPECT_EQ(seen->greeting.release, "1.2.3");
  EXPECT_TRUE(happens([&] { return a->peer("b")->round_trip && b->peer("a")->round_trip; }));
  EXPECT_EQ(a->links(), 1U);
  EXPECT_EQ(b->links(), 1U);
}

TEST_F(Member, TheOneThatSortsFirstDials) {
  const auto b = start("b");
  ASSERT_TRUE(happens([&] { return b->peer("a").has_value(); }));
  const auto a = start("a");
  ASSERT_TRUE(happens([&] { return b->sees("a", peer_state::up); }));
  EXPECT_EQ(b->failures(link_failure::connect), 0U);
}

TEST_F(Member, KnowsAtOnceThatAPeerHasEnded) {
  const auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(
      happens([&] { return a->sees("b", peer_state::up) && b->sees("a", peer_state::up); }));
  b.reset();
  const auto end = mono_clock::now() + 200ms;
  ASSERT_TRUE(happens([&] { return a->sees("b", peer_state::down); }));
  EXPECT_LT(mono_clock::now(), end);
  EXPECT_FALSE(a->peer("b")->said_goodbye);
}

TEST_F(Member, IsLinkedAgainAfterARestart) {
  const auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(happens([&] { return a->sees("b", peer_state::up); }));
  const auto former = a->peer("b")->greeting.incarnation;
  b.reset();
  ASSERT_TRUE(happens([&] { return a->sees("b", peer_state::down); }));
  b = start("b");
  ASSERT_TRUE(
      happens([&] { return a->sees("b", peer_state::up) && b->sees("a", peer_state::up); }));
  EXPECT_NE(a->peer("b")->greeting.incarnation, former);
  EXPECT_EQ(a->links(), 2U);
}

TEST_F(Member, NeighbouringVersionsSpeakTheLowerOne) {
  auto newer = terms("a");
  newer.version = 2;
  const auto a = start(std::move(newer));
  const auto b = start("b");
  ASSERT_TRUE(
      happens([&] { return a->sees("b", peer_state::up) && b->sees("a", peer_state::up); }));
  EXPECT_EQ(a->peer("b")->greeting.version, 1U);
  EXPECT_EQ(b->peer("a")->greeting.version, 1U);
  EXPECT_TRUE(happens([&] { return a->peer("b")->round_trip && b->peer("a")->round_trip; }));
}

TEST_F(Member, VersionsWithNothingInCommonAreNotUp) {
  auto newer = terms("a");
  newer.version = 3;
  newer.oldest = 2;
  const auto a = start(std::move(newer));
  const auto b = start("b");
  ASSERT_TRUE(happens([&] { return b->failures(link_failure::protocol) > 2; }));
  EXPECT_TRUE(a->sees("b", peer_state::down));
  EXPECT_TRUE(b->sees("a", peer_state::down));
  EXPECT_TRUE(a->changes().empty());
  // Told once, however often it dials.
  const std::string told =
      "no link: it is of release 1.2.3 and speaks versions 2 to 3, this node version 1 of the "
      "peers' "
      "protocol";
  EXPECT_EQ(std::ranges::count(b->complaints("a"), told), 1);
}

}  // namespace
}  // namespace filemint::actors::testing::member_test
