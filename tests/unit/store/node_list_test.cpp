#include "store/node_list.hpp"

#include "store/postgres/open.hpp"
#include "tests/unit/store/fixture.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

namespace filemint::store::node_list_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

// ---- the rule

class CountedNodes : public ::testing::Test {
protected:
  std::vector<std::string> among(const std::vector<node_row>& rows) {
    return counted_.among(rows, "a", now_, 120s);
  }
  static node_row row(const char* name, std::int64_t seen) { return {name, "1", at(1), at(seen)}; }
  void pass(std::chrono::seconds time) {
    now_.wall += time;
    now_.mono += time;
  }

  counted_nodes counted_;
  instant now_{at(10'000), mono_time{1h}};
};

TEST_F(CountedNodes, AreThisOneAndWhoTellsOfItself) {
  EXPECT_THAT(among({}), ElementsAre("a"));
  EXPECT_THAT(among({row("c", 9'990), row("a", 10'000), row("b", 9'990)}),
              ElementsAre("a", "b", "c"));
}

TEST_F(CountedNodes, CountAWhileAfterTheirLastWord) {
  EXPECT_THAT(among({row("b", 9'881), row("c", 9'880)}), ElementsAre("a", "b"));
}

TEST_F(CountedNodes, AreOutAtOnceWhenTheySayGoodbye) {
  auto gone = row("b", 10'000);
  EXPECT_THAT(among({gone}), ElementsAre("a", "b"));
  gone.left_at = at(10'000);
  EXPECT_THAT(among({gone}), ElementsAre("a"));
}

TEST_F(CountedNodes, AreThereWhateverTheirClockSays) {
  for (const std::int64_t clock : {1'000, 1'000'000}) {
    EXPECT_THAT(among({row("b", clock)}), ElementsAre("a")) << "an old line, for all one knows";
    pass(5s);
    EXPECT_THAT(among({row("b", clock + 5)}), ElementsAre("a", "b"));
    pass(119s);
    EXPECT_THAT(among({row("b", clock + 5)}), ElementsAre("a", "b"));
    pass(1s);
    EXPECT_THAT(among({row("b", clock + 5)}), ElementsAre("a"));
    EXPECT_THAT(among({}), ElementsAre("a"));
  }
}

// ---- in a store

class NodeList : public ::testing::Test {
protected:
  [[nodiscard]] std::unique_ptr<store> open() const { return good(open_postgres(in_->conninfo())); }
  struct member {
    std::unique_ptr<node_list> list;
    std::vector<std::vector<std::string>> told;
    std::vector<error> reports;
  };
  std::unique_ptr<node_list> make(const std::string& name, member& of) {
    node_list_terms terms{
        .name = name, .version = "0.2.0", .interval = 2ms, .silence = [] { return 120s; }};
    const auto put = [this](auto& into, const auto& value) {
      const std::scoped_lock lock(mutex_);
      into.push_back(value);
      changed_.notify_all();
    };
    return std::make_unique<node_list>(
        open(), std::move(terms),
        node_list_hooks{.members = [put, &of](const auto& names) { put(of.told, names); },
                        .report = [put, &of](const error& e) { put(of.reports, e); }});
  }
  void start(const std::string& name, member& of) {
    of.list = make(name, of);
    good(of.list->start());
  }
  template <class Over>
  bool happens(Over over) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, over);
  }

  const std::unique_ptr<postgres_backing> in_ = make_postgres_backing();
  std::mutex mutex_;
  std::condition_variable changed_;
  member a_, b_;
};

TEST_F(NodeList, TellsOfWhoComesAndWhoLeaves) {
  start("b", b_);
  EXPECT_THAT(b_.told, ElementsAre(ElementsAre("b"))) << "when start has returned";
  start("a", a_);
  EXPECT_THAT(a_.told, ElementsAre(ElementsAre("a", "b")));
  EXPECT_TRUE(happens([&] { return b_.told.size() == 2; }));
  EXPECT_THAT(b_.told.back(), ElementsAre("a", "b"));
  a_.list->leave();
  const auto rows = good(open()->list_nodes());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(rows[0].left_at);
  EXPECT_EQ(rows[0].version, "0.2.0");
  EXPECT_TRUE(happens([&] { return b_.told.size() == 3; }));
  EXPECT_THAT(b_.told.back(), ElementsAre("b"));
  a_.list->stop();
  EXPECT_TRUE(good(open()->list_nodes())[0].left_at) << "it has not announced itself again";
  start("a", a_);
  EXPECT_TRUE(happens([&] { return b_.told.size() == 4; }));
}

TEST_F(NodeList, KeepsTheLastListWhileTheStoreIsAway) {
  start("a", a_);
  start("b", b_);
  EXPECT_TRUE(happens([&] { return a_.told.size() == 2; }));
  in_->take_away();
  EXPECT_TRUE(happens([&] { return !a_.reports.empty(); }));
  EXPECT_EQ(a_.reports[0].code, errc::service_unavailable);
  const auto began = mono_clock::now();
  b_.list->stop();
  EXPECT_LT(mono_clock::now() - began, 10s);
  in_->bring_back();
  member c;
  auto late = make("c", c);
  for (int i = 0; i < 3'000 && !late->start(); ++i) std::this_thread::sleep_for(2ms);
  EXPECT_TRUE(happens([&] { return a_.told.back().size() == 3; })) << "it goes on by itself";
  EXPECT_EQ(a_.told.size(), 3u) << "nobody was out meanwhile";
  EXPECT_EQ(a_.reports.size(), 1u) << "a failure is told once";
  late->stop();
}

TEST_F(NodeList, DoesNotStartWithoutTheStore) {
  auto list = make("a", a_);
  in_->take_away();
  EXPECT_EQ(code_of(list->start()), errc::service_unavailable);
  EXPECT_TRUE(a_.told.empty());
  const auto began = mono_clock::now();
  list->leave();
  EXPECT_LT(mono_clock::now() - began, 500ms);
  in_->bring_back();
}

}  // namespace
}  // namespace filemint::store::node_list_test
