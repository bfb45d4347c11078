// What a company's next owner knows beside its calls: the tokens they wanted, and the keys' days.
#include "tests/unit/core/cluster_world.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace filemint::cluster_takeover_test {
namespace {

using namespace std::chrono_literals;
using testing::cluster_world;
using testing::nanoseconds;

constexpr std::uint64_t most_tokens = 100;
const call_terms by_tokens{.key = "key", .tokens = most_tokens};
const call_terms by_day{.key = "key", .throttle = {.per_day = 9}};

void call_each_second(cluster_world& world, std::size_t node, const call_terms& terms,
                      nanoseconds from, nanoseconds to) {
  for (auto t = from; t < to; t += 1s) {
    world.at(t, [&world, node, terms] { world.call_singly(node, 0, terms); });
  }
}

// At 10 s it is gone; the tokens were spent 3 s before and leave at 67 s.
void expect_no_more_tokens(cluster_world& world, std::size_t other) {
  world.at(6s, [&, other] { world.call_singly(other, 0, by_tokens); });
  world.at(7s, [&, other] { world.spend(other, 0, most_tokens); });
  call_each_second(world, other, by_tokens, 20s, 66s);
  call_each_second(world, other, by_tokens, 70s, 72s);
  world.run_until(80s);
  EXPECT_EQ(world.admitted(0, 0s, 68s), 1u) << world.history(0);
  EXPECT_EQ(world.admitted(0, 68s, 80s), 2u);
}

TEST(ClusterTakeover, KnowsOfTokensWhenTheOwnerLeaves) {
  cluster_world world({.limits = {600}});
  const auto owner = world.owner_of(0);
  world.at(10s, [&] { world.drain(owner); });
  expect_no_more_tokens(world, (owner + 1) % 3);
}

TEST(ClusterTakeover, KnowsOfTokensWhenTheOwnerIsKilled) {
  cluster_world world({.limits = {600}});
  const auto owner = world.owner_of(0);
  world.at(10s, [&] { world.kill(owner); });
  expect_no_more_tokens(world, (owner + 1) % 3);
}

// Longer than entries are kept. The others may give two thirds of a day's calls meanwhile.
TEST(ClusterTakeover, KnowsOfTheDaysAfterALongCut) {
  cluster_world world({.limits = {600}});
  const auto owner = world.owner_of(0), other = (owner + 1) % 3, third = (owner + 2) % 3;
  const auto cut = [&](bool yes) {
    for (const auto each : {other, third}) {
      world.cut(owner, each, yes);
      world.cut(each, owner, yes);
    }
  };
  world.at(5s, [&] { world.call_singly(other, 0, by_day); });
  world.at(10s, [&] { cut(true); });
  call_each_second(world, other, by_day, 15s, 30s);
  world.at(120s, [&] { cut(false); });
  call_each_second(world, other, by_day, 130s, 150s);
  world.run_until(160s);
  EXPECT_EQ(world.admitted(0, 0s, 120s), 6u) << world.history(0);
  EXPECT_EQ(world.admitted(0, 0s, 160s), 9u) << world.history(0);
}

// Whoever is left writes what the killed node had told, and not before.
TEST(ClusterTakeover, WritesTheDaysOfAKilledNode) {
  cluster_world world({.limits = {600}});
  const auto owner = world.owner_of(0), other = (owner + 1) % 3;
  world.at(5s, [&] { world.call_singly(other, 0, by_day); });
  world.at(10s, [&] {
    EXPECT_TRUE(world.node(other).days().take_changed().empty());
    world.kill(owner);
  });
  world.run_until(20s);
  const auto changed = world.node(other).days().take_changed();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].key, "key");
  EXPECT_EQ(changed[0].count.calls(), 1u);
}

TEST(ClusterTakeover, ForgetsTheLogsOfProcessesThatAreOver) {
  cluster_world world({.limits = std::vector<std::uint64_t>(9, 600)});
  for (std::size_t node = 0; node < 3; ++node) {
    const auto then = 10s * (node + 1);
    world.at(then - 1s, [&, node] {
      for (std::size_t company = 0; company < 9; ++company) world.call(node, company, 5);
    });
    world.at(then, [&, node] { world.kill(node); });
    world.at(then + 1s, [&, node] { world.start(node); });
  }
  world.run_until(200s);
  for (std::size_t node = 0; node < 3; ++node) {
    EXPECT_LE(world.node(node).logs().positions().size(), 3u) << "at node " << node;
  }
}

}  // namespace
}  // namespace filemint::cluster_takeover_test
