#include "core/cluster/cluster_view.hpp"

#include "core/quota_ledger.hpp"
#include "core/rate_window.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace filemint::cluster_view_test {
namespace {

using namespace std::chrono_literals;

TEST(Rendezvous, NeverChanges) {
  EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325U);
  EXPECT_EQ(stable_hash("co_xyz"), 0xe37b78e6f1cc8d63U);
  EXPECT_EQ(rendezvous_score(stable_hash("co_xyz"), stable_hash("node-0")), 0x43886aaac18e6feeU);
  const candidate_set three({"node-0", "node-1", "node-2"});
  EXPECT_EQ(three.owner_of(stable_hash("co_xyz")), "node-1");
  EXPECT_EQ(three.owner_of(stable_hash("co_abc")), "node-2");
  EXPECT_EQ(three.owner_of(stable_hash("co_1")), "node-2");
}

TEST(Rendezvous, MovesOnlyWhatALostNodeOwnedAndSpreadsIt) {
  const candidate_set four({"a", "b", "c", "d"});
  const candidate_set three({"a", "b", "d"});
  std::map<std::string, int> owned, inherited;
  for (int i = 0; i < 10'000; ++i) {
    const auto company = stable_hash("co_" + std::to_string(i));
    const std::string before{four.owner_of(company)}, after{three.owner_of(company)};
    ++owned[before];
    if (before == "c") {
      ++inherited[after];
    } else {
      EXPECT_EQ(before, after);
    }
  }
  for (const auto& [node, companies] : owned) EXPECT_NEAR(companies, 2'500, 250) << node;
  for (const auto& [node, companies] : inherited) EXPECT_NEAR(companies, 833, 150) << node;
}

// Three nodes that exchange heartbeats without delay, on clocks of their own; links can be cut one
// way.
class ClusterView : public ::testing::Test {
protected:
  static constexpr std::size_t nodes = 3;

  ClusterView() {
    for (std::size_t i = 0; i < nodes; ++i) {
      names_.push_back("n" + std::to_string(i));
      views_.emplace_back(node_id{names_[i], 1}, clock_of(i));
    }
    for (std::size_t i = 0; i < nodes; ++i) views_[i].set_members(clock_of(i), names_);
  }

  mono_time clock_of(std::size_t node) const { return mono_time{1h + 1'000h * node + now_}; }

  void beat(std::size_t from, std::size_t to) {
    peer_heartbeat beat;
    views_[from].send(clock_of(from), names_[to], beat);
    if (cut_[from][to]) return;
    views_[to].receive(clock_of(to), beat);
    views_[to].synced(names_[from]);
  }
  void run(std::chrono::nanoseconds length) {
    for (const auto end = now_ + length; now_ < end; now_ += 50ms) {
      for (std::size_t i = 0; i < nodes; ++i) {
        if (now_ % 250ms == 0ms) {
          for (std::size_t j = 0; j < nodes; ++j) {
            if (i != j) beat(i, j);
          }
        }
        views_[i].update(clock_of(i), true);
      }
    }
  }
  void cut_off(std::size_t node, bool yes = true) {
    for (std::size_t i = 0; i < nodes; ++i) cut_[node][i] = cut_[i][node] = yes;
  }
  // A company that this node owns among all.
  std::uint64_t company_of(std::size_t node) const {
    for (std::uint64_t hash = 1;; ++hash) {
      if (candidate_set{names_}.owner_of(hash) == names_[node]) return hash;
    }
  }
  std::uint32_t supporters(std::size_t node, std::uint64_t company) {
    return views_[node].support_of(clock_of(node), company).supporters;
  }

  std::chrono::nanoseconds now_{};
  std::vector<std::string> names_;
  std::vector<cluster_view> views_;
  std::array<std::array<bool, nodes>, nodes> cut_{};
};

TEST_F(ClusterView, CountsAllNodesOnceTheyHaveMet) {
  EXPECT_EQ(views_[0].owner_of(company_of(0)), std::nullopt);
  run(2s);
  for (std::size_t i = 0; i < nodes; ++i) {
    EXPECT_EQ(views_[i].owner_of(company_of(0)), names_[0]);
    EXPECT_EQ(views_[i].nodes(), 3u);
  }
  EXPECT_EQ(supporters(0, company_of(0)), 3u);
  EXPECT_EQ(supporters(1, company_of(0)), 0u);
}

TEST_F(ClusterView, DropsAPeerBeforeItLooksForAnotherOwner) {
  run(2050ms);
  const auto company = company_of(0);
  cut_off(0);
  run(600ms);
  EXPECT_EQ(views_[1].owner_of(company), names_[0]);
  EXPECT_EQ(supporters(0, company), 3u);
  run(400ms);
  // Not counted on any more, and nobody else is asked yet.
  EXPECT_EQ(supporters(0, company), 1u);
  EXPECT_EQ(views_[1].owner_of(company), std::nullopt);
  run(400ms);
  const auto heir = views_[1].owner_of(company);
  ASSERT_TRUE(heir);
  EXPECT_NE(*heir, names_[0]);
  EXPECT_EQ(views_[2].owner_of(company), heir);
  EXPECT_EQ(views_[1].nodes(), 3u);  // it may live
  cut_off(0, false);
  run(2s);
  EXPECT_EQ(views_[2].owner_of(company), names_[0]);
  EXPECT_EQ(supporters(0, company), 3u);
}

// The heart of it, whatever is cut one way, and when: no node is counted by two owners.
TEST_F(ClusterView, CountsNoNodeTwice) {
  std::uint64_t state = 7;
  for (int round = 0; round < 400; ++round) {
    state = rendezvous_score(state, static_cast<std::uint64_t>(round));
    for (std::size_t i = 0; i < nodes; ++i) {
      for (std::size_t j = 0; j < nodes; ++j) cut_[i][j] = (state >> (i * nodes + j) & 1) != 0;
    }
    for (std::uint64_t steps = 0; steps < 1 + state % 40; ++steps) {
      run(50ms);
      for (std::size_t of = 0; of < nodes; ++of) {
        const auto company = company_of(of);
        std::uint32_t all = 0;
        for (std::size_t i = 0; i < nodes; ++i) all += supporters(i, company);
        ASSERT_LE(all, nodes) << "round " << round;
      }
    }
  }
}

TEST_F(ClusterView, TakesAGoodbyeAtOnceAndAFreshProcessNotBeforeItKnowsAll) {
  run(2s);
  for (const std::size_t i : {0U, 1U}) views_[i].receive(peer_goodbye{{names_[2], 1}});
  cut_off(2);
  run(50ms);
  EXPECT_EQ(views_[0].nodes(), 2u);
  run(450ms);
  EXPECT_EQ(views_[0].candidates().names(), (std::vector<std::string>{"n0", "n1"}));
  EXPECT_TRUE(views_[0].effective());

  views_[2] = cluster_view{node_id{names_[2], 2}, clock_of(2)};
  views_[2].set_members(clock_of(2), names_);
  cut_[2][0] = cut_[0][2] = false;  // it can't reach n1
  run(3s);
  EXPECT_FALSE(views_[2].seasoned());
  EXPECT_EQ(views_[0].nodes(), 3u);
  EXPECT_EQ(supporters(0, company_of(0)), 2u);
  cut_off(2, false);
  run(2s);
  EXPECT_TRUE(views_[2].seasoned());
  EXPECT_EQ(supporters(0, company_of(0)), 3u);
  // What an earlier process of that name still says does not count.
  peer_heartbeat late;
  late.from = {names_[2], 1};
  late.number = 99;
  EXPECT_FALSE(views_[0].receive(clock_of(0), late).taken);
}

// Another node may have counted on an earlier process of its name, and given a lease by that.
TEST_F(ClusterView, CountsOnItselfOnceWhatAnEarlierProcessTookPartInHasLeft) {
  cut_[1][0] = cut_[0][1] = true;
  run(1s + quota_ledger::lease_life + window_length);
  EXPECT_EQ(supporters(0, company_of(0)), 0u);
  run(2s);
  EXPECT_NE(supporters(0, company_of(0)), 0u);
}

TEST_F(ClusterView, ForgetsAListedNodeThatIsNeitherListedNorHeard) {
  run(2s);
  cut_off(2);
  run(3s);
  views_[0].set_members(clock_of(0), {"n0", "n1"});
  EXPECT_EQ(views_[0].nodes(), 2u);
  // One that is heard counts, listed or not.
  views_[1].set_members(clock_of(1), {"n1"});
  EXPECT_EQ(views_[1].nodes(), 2u);
}

TEST_F(ClusterView, IsOutOfContactWithoutStoreAndPeersBeforeEightSeconds) {
  run(2s);
  const auto store_read = clock_of(0);
  cut_off(0);
  run(7s);
  EXPECT_TRUE(views_[0].in_contact(clock_of(0), store_read));
  run(1100ms);
  EXPECT_FALSE(views_[0].in_contact(clock_of(0), store_read));
  EXPECT_TRUE(views_[0].in_contact(clock_of(0), clock_of(0) - 1s));
  EXPECT_TRUE(views_[1].in_contact(clock_of(1), mono_time{}));  // it hears n2
}

// Its wall clock was set back before it was started again.
TEST_F(ClusterView, TakesALowerIncarnationOnceTheHigherOneIsSilent) {
  run(2s);
  const auto said_by = [&](std::uint64_t incarnation) {
    peer_heartbeat beat;
    beat.from = {names_[1], incarnation};
    beat.number = 1'000;
    return beat;
  };
  EXPECT_TRUE(views_[0].receive(clock_of(0), said_by(9)).taken);
  EXPECT_FALSE(views_[0].receive(clock_of(0), said_by(8)).taken) << "a late one";
  now_ += 2'249ms;
  EXPECT_FALSE(views_[0].receive(clock_of(0), said_by(8)).taken);
  now_ += 1ms;
  EXPECT_TRUE(views_[0].receive(clock_of(0), said_by(8)).taken);
  EXPECT_TRUE(views_[0].receive(clock_of(0), said_by(9)).taken);
  views_[0].receive(peer_goodbye{{names_[1], 9}});
  EXPECT_TRUE(views_[0].receive(clock_of(0), said_by(8)).taken);
}

}  // namespace
}  // namespace filemint::cluster_view_test
