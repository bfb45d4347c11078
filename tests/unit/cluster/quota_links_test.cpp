// What nodes say about quotas over a real link arrives as it was said, and in nobody else's name.
#include "actors/cluster/peer_quota_v1.hpp"
#include "tests/unit/cluster/quota_samples.hpp"
#include "tests/unit/cluster/world.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/make_message.hpp>
#include <caf/send.hpp>

namespace filemint::actors::testing::quota_links_test {
namespace {

using filemint::testing::quota_samples;

class QuotaLinks : public cluster_test {
protected:
  QuotaLinks() {
    a = start("a");
    b = start("b");
    EXPECT_TRUE(
        happens([&] { return a->sees("b", peer_state::up) && b->sees("a", peer_state::up); }));
  }

  std::unique_ptr<test_member> a, b;
};

TEST_F(QuotaLinks, EachArrivesAsItWasSaidAndInOrder) {
  const auto said = quota_samples("a");
  for (const auto& each : said) a->say("b", peer_v1::to_wire(each));
  ASSERT_TRUE(happens([&] { return b->said().size() >= said.size(); }));
  EXPECT_EQ(b->said(), said);
  EXPECT_TRUE(a->said().empty());
}

TEST_F(QuotaLinks, WhatIsSaidInAnothersNameIsDropped) {
  for (const auto& each : quota_samples("c")) a->say("b", peer_v1::to_wire(each));
  const peer_message last = peer_spent{.from = {"a", 1}, .company = "co", .paths = 1};
  a->say("b", peer_v1::to_wire(last));
  ASSERT_TRUE(happens([&] { return !b->said().empty(); }));
  EXPECT_EQ(b->said(), std::vector{last});
}

TEST_F(QuotaLinks, WhatNoLinkBroughtIsDropped) {
  for (const auto& each : quota_samples("a")) {
    caf::anon_send(caf::actor_cast<caf::actor>((*b)->peers()), peer_v1::to_wire(each));
  }
  const peer_message last = peer_spent{.from = {"a", 1}, .company = "co", .paths = 1};
  a->say("b", peer_v1::to_wire(last));
  ASSERT_TRUE(happens([&] { return !b->said().empty(); }));
  EXPECT_EQ(b->said(), std::vector{last});
}

TEST_F(QuotaLinks, WhatNoSoundNodeSaysIsDroppedAndTheLinkLives) {
  a->say("b", caf::make_message(peer_v1::quota_answer{.name = "a", .company = "co", .kind = 9}));
  const peer_message last = peer_spent{.from = {"a", 1}, .company = "co", .paths = 1};
  a->say("b", peer_v1::to_wire(last));
  ASSERT_TRUE(happens([&] { return !b->said().empty(); }));
  EXPECT_EQ(b->said(), std::vector{last});
  EXPECT_EQ(a->links(), 1U);
}

}  // namespace
}  // namespace filemint::actors::testing::quota_links_test
