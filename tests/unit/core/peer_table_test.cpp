#include "core/peer_table.hpp"

#include <gtest/gtest.h>

namespace filemint::peer_table_test {
namespace {

using namespace std::chrono_literals;

class PeerTable : public ::testing::Test {
protected:
  PeerTable() { table.expect("b", now); }

  void greet(std::uint64_t incarnation = 7) {
    table.greeted("b", {.incarnation = incarnation, .version = 1, .release = "1"}, now);
  }
  std::optional<peer_change> beat(std::uint64_t sequence, std::uint64_t incarnation = 7) {
    return table.heard("b", {.incarnation = incarnation, .sequence = sequence}, now);
  }
  [[nodiscard]] peer_state state() const { return table.find("b")->state; }

  mono_time now{1h};
  peer_table table;
};

TEST_F(PeerTable, APeerIsDownUntilItGreets) {
  EXPECT_EQ(state(), peer_state::down);
  now += 10s;
  EXPECT_TRUE(table.look(now).empty());
  greet();
  EXPECT_EQ(state(), peer_state::up);
}

TEST_F(PeerTable, SilenceMakesItSuspectAfterOneSecondAndDownAfterTwo) {
  greet();
  now += 999ms;
  EXPECT_TRUE(table.look(now).empty());
  now += 1ms;
  auto changes = table.look(now);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].from, peer_state::up);
  EXPECT_EQ(changes[0].to, peer_state::suspect);
  now += 999ms;
  EXPECT_TRUE(table.look(now).empty());
  now += 1ms;
  changes = table.look(now);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].to, peer_state::down);
  EXPECT_EQ(table.find("b")->since, now);
}

TEST_F(PeerTable, AHeartbeatMakesASuspectUpAgain) {
  greet();
  now += 1s;
  table.look(now);
  const auto change = beat(1);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->to, peer_state::up);
}

TEST_F(PeerTable, OldAndForeignHeartbeatsCountForNothing) {
  greet();
  beat(5);
  now += 1s;
  EXPECT_FALSE(beat(5));
  EXPECT_FALSE(beat(4));
  EXPECT_FALSE(beat(6, 8));
  EXPECT_EQ(table.look(now).size(), 1U);
}

TEST_F(PeerTable, AHeartbeatDoesNotRaiseWhoIsDown) {
  greet();
  table.lost("b", now);
  EXPECT_FALSE(beat(1));
  EXPECT_EQ(state(), peer_state::down);
}

TEST_F(PeerTable, ANewStartBeginsItsHeartbeatsAnew) {
  greet();
  beat(100);
  table.lost("b", now);
  greet(8);
  now += 1s;
  table.look(now);
  EXPECT_TRUE(beat(1, 8));
}

TEST_F(PeerTable, ToldBackHeartbeatsGiveTheRoundTripWithoutTheWait) {
  greet();
  const auto first = table.next_beat(now);
  now += 250ms;
  table.next_beat(now);
  now += 30ms;
  table.heard("b", {.incarnation = 7, .sequence = 1, .heard = first, .heard_ago = 278ms}, now);
  EXPECT_EQ(table.find("b")->round_trip, 2ms);
}

TEST_F(PeerTable, AnImpossibleRoundTripIsNotTaken) {
  greet();
  const auto first = table.next_beat(now);
  table.heard("b", {.incarnation = 7, .sequence = 1, .heard = first, .heard_ago = 1s}, now);
  EXPECT_FALSE(table.find("b")->round_trip);
  table.heard("b", {.incarnation = 7, .sequence = 2, .heard = first + 1}, now);
  EXPECT_FALSE(table.find("b")->round_trip);
}

TEST_F(PeerTable, TellsBackTheLastHeartbeatAndHowLongAgoItWas) {
  greet();
  beat(9);
  now += 100ms;
  const auto told = table.told_back("b", now);
  EXPECT_EQ(told.heard, 9U);
  EXPECT_EQ(told.heard_ago, 100ms);
}

TEST_F(PeerTable, AGoodbyeHoldsUntilANewStart) {
  greet();
  ASSERT_TRUE(table.left("b", 7, now));
  EXPECT_EQ(state(), peer_state::down);
  EXPECT_TRUE(table.find("b")->said_goodbye);
  greet(7);  // a link that it makes while it drains
  EXPECT_EQ(state(), peer_state::down);
  greet(8);
  EXPECT_EQ(state(), peer_state::up);
  EXPECT_FALSE(table.find("b")->said_goodbye);
}

TEST_F(PeerTable, AGoodbyeOfAFormerStartCountsForNothing) {
  greet(8);
  EXPECT_FALSE(table.left("b", 7, now));
  EXPECT_EQ(state(), peer_state::up);
}

TEST_F(PeerTable, AForgottenPeerIsNotToldOfAnyMore) {
  table.forget("b");
  EXPECT_TRUE(table.all().empty());
  EXPECT_FALSE(table.lost("b", now));
  greet();
  EXPECT_EQ(table.all().size(), 1U);
}

TEST(LastHeard, IsOfThePeersThatHaveNotSaidGoodbye) {
  const mono_time since{1h};
  peer_view b{.name = "b"}, c{.name = "c"};
  EXPECT_EQ(last_heard({}, since), mono_time::max()) << "nobody to be cut off from";
  EXPECT_EQ(last_heard(std::vector{b, c}, since), since) << "not heard yet";
  b.heard = since + 5s;
  c.heard = since + 3s;
  EXPECT_EQ(last_heard(std::vector{b, c}, since), since + 5s);
  EXPECT_EQ(last_heard(std::vector{c, b}, since), since + 5s);
  b.said_goodbye = true;
  EXPECT_EQ(last_heard(std::vector{b, c}, since), since + 3s);
  c.said_goodbye = true;
  EXPECT_EQ(last_heard(std::vector{b, c}, since), mono_time::max());
}

}  // namespace
}  // namespace filemint::peer_table_test
