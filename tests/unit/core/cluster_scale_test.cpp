// How messages, memory and owners' load grow with nodes and companies: the figures of DESIGN.md's
// model. A hundred nodes take a while: --gtest_also_run_disabled_tests.
#include "tests/unit/core/cluster_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <random>
#include <vector>

namespace filemint::cluster_scale_test {
namespace {

using namespace std::chrono_literals;
using testing::cluster_world;
using testing::nanoseconds;

struct load {
  std::size_t nodes, companies;
  double calls;  // a second, in all
  nanoseconds length;
};

struct per_node {
  double heartbeats = 0;  // sent a second
  double asks = 0;        // with answers, sent a second, a call
  double bytes = 0;       // sent a second, about
  double entries = 0;     // of logs, sent a second
  std::size_t logged = 0;
  std::size_t owned_most = 0;
  double owned_mean = 0;
};

per_node measure(const load& of) {
  cluster_world world({.nodes = of.nodes,
                       .limits = std::vector<std::uint64_t>(of.companies, 600),
                       .seed = 7,
                       .fastest = 200us,
                       .slowest = 1ms});
  constexpr auto settled = nanoseconds{2s};
  std::minstd_rand random(7);
  std::uint64_t calls = 0;
  const auto gap = nanoseconds{static_cast<std::int64_t>(1e9 / of.calls)};
  for (auto t = settled; t < settled + of.length; t += gap, ++calls) {
    world.at(t, [&, node = random() % of.nodes, company = random() % of.companies] {
      world.call(node, company, 1);
    });
  }
  world.run_until(settled);
  const auto before = world.seen;
  world.run_until(settled + of.length);
  const auto& after = world.seen;

  const auto node_seconds =
      static_cast<double>(of.nodes) * std::chrono::duration<double>(of.length).count();
  const auto rate = [&](std::uint64_t a, std::uint64_t b) {
    return static_cast<double>(a - b) / node_seconds;
  };
  per_node result{.heartbeats = rate(after.heartbeats, before.heartbeats),
                  .asks = static_cast<double>((after.letters - after.heartbeats) -
                                              (before.letters - before.heartbeats)) /
                          static_cast<double>(calls),
                  .bytes = rate(after.bytes, before.bytes),
                  .entries = rate(after.entries, before.entries)};
  std::size_t owned = 0;
  for (std::size_t node = 0; node < of.nodes; ++node) {
    const auto& one = world.node(node);
    result.logged = std::max(result.logged, one.logs().entries());
    result.owned_most = std::max(result.owned_most, one.desk().companies());
    owned += one.desk().companies();
  }
  result.owned_mean = static_cast<double>(owned) / static_cast<double>(of.nodes);
  EXPECT_EQ(after.refused + after.timed_out, 0u);
  std::cout << of.nodes << " nodes, " << of.companies << " companies, " << of.calls
            << " calls/s: a node sends " << result.heartbeats << " heartbeats/s, " << result.bytes
            << " B/s, " << result.entries << " entries/s; " << result.asks
            << " letters a call; keeps " << result.logged << " entries; owns " << result.owned_mean
            << ", at most " << result.owned_most << std::endl;
  return result;
}

void expect_the_model(const load& of) {
  const auto seen = measure(of);
  const auto others = static_cast<double>(of.nodes - 1);
  const auto nodes = static_cast<double>(of.nodes);
  // Four heartbeats a second to each other node, some more while nodes meet.
  EXPECT_NEAR(seen.heartbeats, 4 * others, 0.1 * others);
  // An ask and its answer, unless the caller's node is the owner.
  EXPECT_NEAR(seen.asks, 2 * others / nodes, 0.05);
  // What a node gives it tells all others, once.
  EXPECT_LT(seen.entries, of.calls / nodes * others * 1.05);
  // All nodes know all that was given.
  const auto length = std::chrono::duration<double>(of.length).count();
  EXPECT_LE(static_cast<double>(seen.logged), of.calls * length * 1.01);
  EXPECT_LT(static_cast<double>(seen.owned_most), 2 * seen.owned_mean + 10);
}

TEST(ClusterScale, GrowsAsTheModelSays) {
  expect_the_model({.nodes = 5, .companies = 500, .calls = 500, .length = 10s});
  expect_the_model({.nodes = 20, .companies = 1'000, .calls = 1'000, .length = 2s});
}

TEST(ClusterScale, DISABLED_GrowsAsTheModelSaysToAHundredNodes) {
  for (const std::size_t nodes : {3U, 10U, 30U, 100U}) {
    expect_the_model({.nodes = nodes, .companies = 10'000, .calls = 10'000, .length = 2s});
  }
  expect_the_model({.nodes = 100, .companies = 10'000, .calls = 100, .length = 2s});
}

}  // namespace
}  // namespace filemint::cluster_scale_test
