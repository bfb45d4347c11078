#include "tests/unit/store/fixture.hpp"

#include <gmock/gmock.h>

namespace filemint::store::nodes_test {
namespace {

using ::testing::ElementsAre;

class Nodes : public store_test {
protected:
  const std::unique_ptr<store> store_ = open();
  const node_row a_{"a", "0.1.0", at(1'000), at(1'005)};
  const node_row b_{"b.pod-1", "0.2.0+x", at(1'001), at(1'004)};
};

FOR_EACH_STORE(Nodes);

TEST_P(Nodes, AreListedAsTheyAnnouncedThemselves) {
  good(store_->announce_node(b_));
  good(store_->announce_node(a_));
  EXPECT_THAT(good(open()->list_nodes()), ElementsAre(a_, b_));
  auto again = a_;
  again.started_at = again.seen_at = at(2'000);
  again.version = "0.2.0";
  good(store_->announce_node(again));
  EXPECT_THAT(good(open()->list_nodes()), ElementsAre(again, b_));
}

TEST_P(Nodes, SayGoodbyeUntilTheyComeAgain) {
  good(store_->announce_node(a_));
  good(store_->announce_node(b_));
  good(store_->node_said_goodbye("a", at(3'000)));
  auto gone = a_;
  gone.left_at = at(3'000);
  EXPECT_THAT(good(store_->list_nodes()), ElementsAre(gone, b_));
  good(store_->announce_node(a_));
  EXPECT_THAT(good(store_->list_nodes()), ElementsAre(a_, b_));
  EXPECT_EQ(code_of(store_->node_said_goodbye("c", at(3'000))), errc::not_found);
}

TEST_P(Nodes, AreNoChange) {
  const auto number = good(store_->change_number());
  good(store_->announce_node(a_));
  good(store_->node_said_goodbye("a", at(3'000)));
  EXPECT_EQ(good(store_->change_number()), number);
}

TEST_P(Nodes, HaveNamesOfTheirForm) {
  for (const auto* name : {"", "a b", "a/b", "\xc3\xa4"}) {
    EXPECT_EQ(code_of(store_->announce_node({name, "1", at(1), at(1)})), errc::invalid_argument);
  }
  EXPECT_EQ(code_of(store_->announce_node({"a", "1 2", at(1), at(1)})), errc::invalid_argument);
}

}  // namespace
}  // namespace filemint::store::nodes_test
