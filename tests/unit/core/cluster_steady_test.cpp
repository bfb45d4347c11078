// What a cluster does for its clients: in quiet times all of a limit can be used from any node;
// after a fault, what is promised of it.
#include "tests/unit/core/cluster_world.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace filemint::cluster_steady_test {
namespace {

using namespace std::chrono_literals;
using testing::cluster_world;
using testing::nanoseconds;

// Twice the limit, all the time, at one node.
void press(cluster_world& world, std::size_t node, std::size_t company, std::uint64_t limit,
           nanoseconds from, nanoseconds to) {
  for (auto t = from; t < to; t += 100ms) {
    const auto calls = static_cast<std::uint32_t>(limit / 300);
    world.at(t, [&world, node, company, calls] { world.call(node, company, calls); });
  }
}

TEST(ClusterSimulation, TwoNodesShareOneWindow) {
  cluster_world world({.nodes = 2, .limits = {600}});
  for (auto t = 2s; t < 130s; t += 1s) {
    world.at(t, [&] {
      world.call(0, 0, 12);
      world.call(1, 0, 7);
    });
  }
  world.run_until(140s);
  EXPECT_EQ(world.fullest(0).calls, 600u) << world.history(0);
  EXPECT_GT(world.seen.refused, 0u);
  EXPECT_EQ(world.seen.timed_out, 0u);
}

TEST(ClusterSimulation, LetsAnyNodeUseTheWholeWindow) {
  for (const std::uint64_t limit : {600U, 6'000U, 60'000U}) {
    for (std::size_t node = 0; node < 3; ++node) {
      cluster_world world({.limits = {limit}, .seed = limit + node});
      press(world, node, 0, limit, 3s, 200s);
      world.run_until(200s);
      EXPECT_LE(world.fullest(0).calls, limit);
      for (auto t = 10s; t <= 130s; t += 10s) {
        EXPECT_GE(world.admitted(0, t, t + 60s) * 100, limit * 98)
            << "at node " << node << " from " << t.count() << " s on\n"
            << world.history(0);
      }
      EXPECT_EQ(world.seen.timed_out, 0u);
    }
  }
}

TEST(ClusterSimulation, LetsACrowdPassThatComesAtOnce) {
  cluster_world world({.nodes = 5, .limits = {600}});
  world.at(5s, [&] { world.call(1, 0, 700); });
  world.run_until(6s);
  EXPECT_EQ(world.admitted(0, 0s, 6s), 600u);
  EXPECT_EQ(world.seen.refused, 100u);
  EXPECT_LT(world.seen.longest_wait, 250ms);
}

TEST(ClusterSimulation, GivesEachSideOfACutItsShare) {
  cluster_world world({.limits = {600}});
  world.at(5s, [&] {
    for (const std::size_t other : {0U, 1U}) {
      world.cut(2, other);
      world.cut(other, 2);
    }
  });
  for (std::size_t node = 0; node < 3; ++node) press(world, node, 0, 600, 10s, 65s);
  world.run_until(65s);
  std::uint64_t alone = 0;
  for (const auto& each : world.admissions(0)) alone += each.node == 2 ? each.calls : 0;
  EXPECT_EQ(alone, 200u);
  EXPECT_EQ(world.admitted(0, 0s, 66s), 600u);
}

// A third node hears both, and all have to agree on who owns what.
TEST(ClusterSimulation, LetsNobodyWaitLongWhenOneLinkIsCut) {
  for (std::size_t from = 0; from < 3; ++from) {
    for (std::size_t to = 0; to < 3; ++to) {
      if (from == to) continue;
      cluster_world world({.limits = std::vector<std::uint64_t>(9, 600), .seed = from * 3 + to});
      world.at(10s, [&] { world.cut(from, to); });
      for (auto t = 5s; t < 40s; t += 1s) {
        world.at(t, [&] {
          for (std::size_t node = 0; node < 3; ++node) {
            for (std::size_t c = 0; c < 9; ++c) world.call(node, c, 1);
          }
        });
      }
      world.run_until(50s);
      EXPECT_LT(world.seen.longest_wait, 5s) << "cut from " << from << " to " << to;
      EXPECT_EQ(world.seen.refused + world.seen.timed_out, 0u);
    }
  }
}

TEST(ClusterSimulation, TakesOverFromAKilledOwner) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    cluster_world world({.limits = {600}, .seed = seed});
    const auto owner = world.owner_of(0);
    const auto other = (owner + 1) % 3;
    world.at(6s, [&] { world.call(other, 0, 370); });
    world.at(20s, [&] { world.kill(owner); });
    for (auto t = 7s; t < 32s; t += 1s) {
      world.at(t + seed * 20ms, [&] { world.call(other, 0, 1); });
    }
    world.run_until(40s);
    // Calls that came just after the kill waited for the new owner and its supporters: none was
    // refused, though one node's part of the window, and what it would take anew, is used up.
    EXPECT_EQ(world.admitted(0, 0s, 40s), 370u + 25u);
    EXPECT_EQ(world.seen.refused, 0u);
    EXPECT_GT(world.seen.longest_wait, 100ms);
    EXPECT_LT(world.seen.longest_wait, 2s);
  }
}

// What a lost node leased out or held counts as used for 60 s.
TEST(ClusterSimulation, LosesLittleOfALargeWindowWithEachKilledNode) {
  cluster_world world({.limits = {300'000}});
  for (std::size_t kill = 0; kill < 30; ++kill) {
    const auto victim = kill % 3;
    const auto from = 5s + kill * 2s;
    world.at(from, [&world, victim] { world.kill(victim); });
    world.at(from + 1s, [&world, victim] { world.start(victim); });
    for (auto t = nanoseconds{from}; t < from + 2s; t += 20ms) {
      world.at(t, [&world, victim] {
        for (const std::size_t step : {1U, 2U}) world.call((victim + step) % 3, 0, 5);
      });
    }
  }
  world.run_until(70s);
  EXPECT_EQ(world.seen.refused + world.seen.timed_out, 0u);
  EXPECT_EQ(world.admitted(0, 0s, 70s), 30'000u);
  world.at(70s, [&] { world.call(0, 0, 300'000); });
  world.run_until(75s);
  EXPECT_GE(world.admitted(0, 0s, 75s), 285'000u) << world.history(0);
}

TEST(ClusterSimulation, HandsOverWithoutALossWhenNodesAreRolled) {
  cluster_world world({.limits = {600, 60'000}});
  for (std::size_t node = 0; node < 3; ++node) {
    world.at(20s + node * 10s, [&, node] { world.drain(node); });
    world.at(25s + node * 10s, [&, node] { world.start(node); });
  }
  // Nine tenths of each limit, at nodes that are not being rolled.
  for (auto t = nanoseconds{5s}; t < 90s; t += 100ms) {
    world.at(t, [&, t] {
      for (std::size_t node = 0; node < 3; ++node) {
        if (!world.runs(node)) continue;
        if (t / 100ms % 10 != 0) world.call(node, 0, 1);
        world.call(node, 1, 90);
        break;
      }
    });
  }
  world.run_until(90s);
  EXPECT_EQ(world.seen.refused, 0u);
  EXPECT_EQ(world.seen.timed_out, 0u);
  EXPECT_LT(world.seen.longest_wait, 1s);
  for (std::size_t c = 0; c < 2; ++c) EXPECT_LE(world.fullest(c).calls, c == 0 ? 600u : 60'000u);
}

TEST(ClusterSimulation, StopsAdmittingWithoutStoreAndPeers) {
  for (const std::uint64_t limit : {600U, 60'000U}) {
    cluster_world world({.limits = {limit}});
    const auto owner = world.owner_of(0);
    world.at(20s, [&] {
      world.cut_store(owner);
      for (std::size_t other = 0; other < 3; ++other) {
        world.cut(owner, other);
        world.cut(other, owner);
      }
    });
    for (auto t = nanoseconds{5s}; t < 60s; t += 500ms) {
      world.at(t, [&, limit] { world.call(owner, 0, static_cast<std::uint32_t>(limit / 600)); });
    }
    world.run_until(60s);
    EXPECT_GT(world.admitted(0, 22s, 27s), 0u);  // with its share
    EXPECT_EQ(world.admitted(0, 30s, 61s), 0u) << world.history(0);
  }
}

// Either of them is enough.
TEST(ClusterSimulation, GoesOnAdmittingWithTheStoreOrAPeer) {
  for (const bool store : {false, true}) {
    cluster_world world({.limits = {600}});
    const auto owner = world.owner_of(0);
    world.at(20s, [&] {
      if (store) world.cut_store(owner);
      for (std::size_t other = 0; other < 3 && !store; ++other) {
        world.cut(owner, other);
        world.cut(other, owner);
      }
    });
    for (auto t = 5s; t < 60s; t += 1s) world.at(t, [&] { world.call(owner, 0, 1); });
    world.run_until(60s);
    EXPECT_EQ(world.admitted(0, 0s, 61s), 55u);
  }
}

// ---- keys

TEST(ClusterSimulation, CountsAKeysDayAtAllNodesAndKeepsItWhenTheOwnerIsLost) {
  cluster_world world({.limits = {600}});
  const call_terms terms{.key = "key_1", .throttle = {.per_day = 20}};
  const auto owner = world.owner_of(0);
  for (int i = 0; i < 5; ++i) {
    world.at(5s + i * 100ms, [&] {
      for (std::size_t node = 0; node < 3; ++node) world.call_singly(node, 0, terms);
    });
  }
  world.at(10s, [&] { world.kill(owner); });
  for (int i = 0; i < 20; ++i) {
    world.at(12s + i * 100ms, [&] { world.call_singly((owner + 1) % 3, 0, terms); });
  }
  world.run_until(20s);
  // A node that part of the cluster supports gives its part: 13 of 20 are over already.
  EXPECT_EQ(world.admitted(0, 0s, 11s), 15u);
  EXPECT_EQ(world.admitted(0, 11s, 21s), 0u);
  world.at(21s, [&] { world.start(owner); });
  for (int i = 0; i < 20; ++i) {
    world.at(25s + i * 100ms, [&] { world.call_singly((owner + 1) % 3, 0, terms); });
  }
  world.run_until(40s);
  EXPECT_EQ(world.admitted(0, 0s, 41s), 20u);
  EXPECT_EQ(world.seen.throttled, 35u);
}

TEST(ClusterSimulation, ThrottlesAKeyTheSameFromAllNodes) {
  cluster_world world({.limits = {600}});
  const call_terms terms{.key = "key_1", .throttle = {.rate = 2, .burst = 5}};
  for (auto t = nanoseconds{5s}; t < 15s; t += 100ms) {
    world.at(t, [&] {
      for (std::size_t node = 0; node < 3; ++node) world.call_singly(node, 0, terms);
    });
  }
  world.run_until(16s);
  EXPECT_EQ(world.admitted(0, 0s, 17s), 5u + 2u * 9u + 1u);
}

}  // namespace
}  // namespace filemint::cluster_steady_test
