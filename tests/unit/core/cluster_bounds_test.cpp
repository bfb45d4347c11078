// Single dangers to a limit, each with the history that would break it.
#include "tests/unit/core/cluster_world.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace filemint::cluster_bounds_test {
namespace {

using namespace std::chrono_literals;
using testing::cluster_world;
using testing::nanoseconds;

void cut_off(cluster_world& world, std::size_t node, std::size_t nodes) {
  for (std::size_t other = 0; other < nodes; ++other) {
    world.cut(node, other);
    world.cut(other, node);
  }
}

// For a second an owner can't tell that it was cut off, nor can the others.
TEST(ClusterBounds, ACrowdRightAfterACutPassesOnce) {
  for (const std::uint64_t limit : {600U, 60'000U}) {
    cluster_world world({.limits = {limit}});
    const auto owner = world.owner_of(0);
    const auto crowd = static_cast<std::uint32_t>(limit);
    world.at(10s, [&] { cut_off(world, owner, 3); });
    world.at(10s + 50ms, [&] { world.call(owner, 0, crowd); });
    world.at(15s, [&] { world.call((owner + 1) % 3, 0, crowd); });
    world.run_until(20s);
    EXPECT_LE(world.admitted(0, 0s, 21s), limit);
    EXPECT_GE(world.admitted(0, 0s, 21s), limit * 9 / 10);
  }
}

// Its owner has counted the calls as admitted long before they are, if it expects answers to be
// fast.
TEST(ClusterBounds, AnAnswerThatComesTooLateAdmitsNothing) {
  cluster_world world({.limits = {600}});
  const auto owner = world.owner_of(0);
  const auto other = (owner + 1) % 3;
  for (auto t = nanoseconds{5s}; t < 45s; t += 100ms) {
    world.at(t, [&] { world.call(other, 0, 1); });
  }
  world.at(110s, [&] { world.slow_down(300ms, 300ms); });
  world.at(110s + 1ms, [&] { world.call(other, 0, 590); });
  world.at(110s + 400ms, [&] { world.slow_down(200us, 2ms); });
  for (auto t = 170s + 300ms; t < 171s; t += 10ms) {
    world.at(t, [&] { world.call(owner, 0, 600); });
  }
  world.run_until(180s);
  EXPECT_LE(world.fullest(0).calls, 600u) << world.history(0);
  EXPECT_GT(world.fullest(0).calls, 590u);
}

// What a killed owner has leased out is used after its end.
TEST(ClusterBounds, LeasesOfAKilledOwnerCount) {
  cluster_world world({.nodes = 5, .limits = {6'400}});
  const auto owner = world.owner_of(0);
  const auto at_the_others = [&](std::uint32_t calls) {
    for (std::size_t node = 0; node < 5; ++node) {
      if (node != owner) world.call(node, 0, calls);
    }
  };
  world.at(10s, [&] { at_the_others(1); });
  world.at(10s + 600ms, [&] { world.kill(owner); });
  world.at(10s + 650ms, [&] { at_the_others(90); });
  world.at(14s, [&] { world.start(owner); });
  for (int i = 0; i < 20; ++i) world.at(20s + i * 100ms, [&] { at_the_others(400); });
  world.run_until(40s);
  EXPECT_GE(world.admitted(0, 10s, 12s), 4u * 91u);
  EXPECT_EQ(world.lost_with_kills(0).calls, 0u);
  EXPECT_LE(world.fullest(0).calls, 6'400u) << world.history(0);
  EXPECT_GE(world.fullest(0).calls, 5'900u);
}

// An owner that cannot hear the one before it learns what that one gave from those that could.
TEST(ClusterBounds, ASupporterCountsOnceWhatItKnowsIsKnown) {
  cluster_world world({.limits = std::vector<std::uint64_t>(40, 600)});
  std::size_t company = 0;
  const auto heir = [&](std::size_t c) {
    const candidate_set both({"node-0", "node-2"});
    return std::string{both.owner_of(stable_hash(world.company(c)))};
  };
  while (world.owner_of(company) != 1 || heir(company) != "node-0") ++company;
  world.at(10s, [&] {
    world.cut(0, 1);
    world.cut(1, 0);
  });
  // Node 2 hears both, and supports node 1 still.
  world.at(11s + 500ms, [&] { world.call(1, company, 400); });
  for (auto t = nanoseconds{12s}; t < 16s; t += 10ms) {
    world.at(t, [&] { world.call(0, company, 10); });
  }
  world.run_until(30s);
  EXPECT_EQ(world.admitted(company, 11s, 12s), 400u);
  EXPECT_LE(world.fullest(company).calls, 600u) << world.history(company);
}

// A settlement that did not get through is not forgotten.
TEST(ClusterBounds, ALeaseThatComesBackAfterACutStillTells) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    cluster_world world({.limits = {6'400}, .seed = seed});
    const auto owner = world.owner_of(0);
    const auto other = (owner + 1) % 3;
    world.at(10s, [&] { world.call(other, 0, 90); });
    world.at(10s + 20ms, [&] { cut_off(world, other, 3); });
    world.at(12s + seed * 20ms, [&] {
      for (std::size_t node = 0; node < 3; ++node) {
        world.cut(node, other, false);
        world.cut(other, node, false);
      }
    });
    for (auto t = nanoseconds{16s}; t < 20s; t += 10ms) {
      world.at(t, [&] { world.call(owner, 0, 50); });
    }
    world.run_until(30s);
    EXPECT_LE(world.fullest(0).calls, 6'400u) << world.history(0);
    EXPECT_GE(world.fullest(0).calls, 6'200u);
  }
}

// Its owner writes a lost lease off as used up when it is over there.
TEST(ClusterBounds, ALeaseIsOverAtItsHolderBeforeItIsAtItsOwner) {
  cluster_world world({.limits = {6'400}});
  const auto owner = world.owner_of(0);
  const auto other = (owner + 1) % 3;
  world.at(9s, [&] { world.slow_down(300ms, 300ms); });
  world.at(10s, [&] { world.call(other, 0, 1); });  // its lease arrives at 10.6 s
  world.at(10s + 700ms, [&] { cut_off(world, other, 3); });
  world.at(11s + 950ms, [&] { world.call(other, 0, 90); });
  world.at(14s, [&] {
    world.slow_down(200us, 2ms);
    for (std::size_t node = 0; node < 3; ++node) {
      world.cut(node, other, false);
      world.cut(other, node, false);
    }
  });
  for (auto t = nanoseconds{20s}; t < 22s; t += 10ms) {
    world.at(t, [&] { world.call(owner, 0, 50); });
  }
  for (auto t = 71s + 800ms; t < 71s + 940ms; t += 10ms) {
    world.at(t, [&] { world.call(owner, 0, 50); });
  }
  world.run_until(80s);
  EXPECT_LE(world.fullest(0).calls, 6'400u) << world.history(0);
  EXPECT_GE(world.fullest(0).calls, 6'300u);
}

}  // namespace
}  // namespace filemint::cluster_bounds_test
