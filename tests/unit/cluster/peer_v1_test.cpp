// The bytes of every message between nodes: they may not change, nodes of neighbouring versions
// speak to each other.
#include "actors/cluster/peer_v1.hpp"

#include "tests/unit/cluster/wire_bytes.hpp"

#include <caf/message.hpp>
#include <gtest/gtest.h>

#include <string>

namespace filemint::actors::peer_v1_test {
namespace {

class PeerV1 : public testing::wire_test {
protected:
  template <class Message>
  std::string sent(const Message& message) {
    const auto whole = caf::make_message(message);
    EXPECT_TRUE(message_of(bytes_of(whole)).template match_elements<Message>());
    return wire_test::sent(whole);
  }
};

TEST_F(PeerV1, Hello) {
  EXPECT_EQ(sent(peer_v1::hello{.name = "node1",
                                .version = 1,
                                .oldest = 1,
                                .incarnation = 0x0102030405060708,
                                .release = "1.2.3",
                                .ticket_high = 0x1112131415161718,
                                .ticket_low = 0x2122232425262728}),
            "<00<00<0d@<3c>+fm1.hello<05node1<00<00<00<01<00<00<00<01<01<02<03<04<05<06<07<08<051."
            "2.3<11<12<13<14<15<16<17<18<21<22<23<24<25<26<27<28");
}

TEST_F(PeerV1, Heartbeat) {
  EXPECT_EQ(sent(peer_v1::heartbeat{.name = "node1",
                                    .version = 1,
                                    .incarnation = 0x0102030405060708,
                                    .sequence = 0x1112131415161718,
                                    .heard = 0x2122232425262728,
                                    .heard_ago_us = 0x8182838485868788}),
            "<00<00<11@<3c>+fm1.heartbeat<05node1<00<00<00<01<01<02<03<04<05<06<07<08<11<12<13<14<"
            "15<16<17<18<21<22<23<24<25<26<27<28<81<82<83<84<85<86<87<88");
}

TEST_F(PeerV1, Goodbye) {
  EXPECT_EQ(sent(peer_v1::goodbye{.name = "node1", .incarnation = 0x0102030405060708}),
            "<00<00<0f@<3c>+fm1.goodbye<05node1<01<02<03<04<05<06<07<08");
}

TEST_F(PeerV1, PingAndPong) {
  EXPECT_EQ(sent(peer_v1::ping{0x0102030405060708}),
            "<00<00<0c@<3c>+fm1.ping<01<02<03<04<05<06<07<08");
  EXPECT_EQ(sent(peer_v1::pong{0x0102030405060708}),
            "<00<00<0c@<3c>+fm1.pong<01<02<03<04<05<06<07<08");
}

TEST_F(PeerV1, IsVersionOne) {
  EXPECT_EQ(peer_v1::version, 1U);
  EXPECT_EQ(peer_v1::oldest, 1U);
}

}  // namespace
}  // namespace filemint::actors::peer_v1_test
