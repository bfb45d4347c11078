#include "core/caller_limits.hpp"
#include "store/day_writer.hpp"
#include "tests/unit/store/fixture.hpp"

#include <gmock/gmock.h>

namespace filemint::store::limits_test {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr sys_days today = std::chrono::year{2026} / 11 / 24;

class Limits : public store_test {
protected:
  Limits() {
    good(store_->add_company(company_named("co_x")));
    good(store_->add_key(key_numbered(1, "co_x")));
    good(store_->add_key(key_numbered(2, "co_x")));
  }
  [[nodiscard]] key_day counted(std::uint64_t key, std::uint64_t calls, sys_days day = today) {
    return {key_id(key), day_count{day, calls}};
  }

  std::unique_ptr<store> store_ = open();
};

FOR_EACH_STORE(Limits);

TEST_P(Limits, OfACompanyAreKeptAsTheyWereSet) {
  const company_limits set{.calls = 5, .tokens = 7, .throttle = {1'000, 10, 5}};
  good(store_->set_company_limits("co_x", set));
  const auto row = good(open()->list_companies()).at(0);
  EXPECT_EQ((company_limits{row.window_limit, row.token_limit, row.throttle}), set);
  const auto number = good(store_->change_number());
  good(store_->set_company_limits("co_x", set));
  EXPECT_EQ(good(store_->change_number()), number) << "nothing changed";
  EXPECT_EQ(code_of(store_->set_company_limits("co_y", set)), errc::not_found);
}

TEST_P(Limits, OfAKeyAreKeptAsTheyWereSet) {
  const throttle_terms set{throttle_terms::no_day, throttle_terms::no_rate, 5};
  good(store_->set_key_throttle(key_id(1), set));
  EXPECT_EQ(good(open()->list_keys({})).at(0).throttle, set);
  EXPECT_EQ(good(open()->list_keys({})).at(1).throttle, throttle_terms{});
  EXPECT_EQ(code_of(store_->set_key_throttle(key_id(9), set)), errc::not_found);
}

TEST_P(Limits, AreHeldToTheirBounds) {
  const company_limits bad[] = {{.calls = 1'000'000'001},
                                {.tokens = 1'000'000'001},
                                {.throttle = {.per_day = 1'000'000'001}},
                                {.throttle = {.rate = 10'001}},
                                {.throttle = {.burst = 10'001}}};
  for (const auto& each : bad) {
    EXPECT_EQ(code_of(store_->set_company_limits("co_x", each)), errc::invalid_argument);
    if (each.throttle == throttle_terms{}) continue;
    EXPECT_EQ(code_of(store_->set_key_throttle(key_id(1), each.throttle)), errc::invalid_argument);
  }
  good(store_->set_company_limits(
      "co_x", {.calls = 1, .tokens = tokens_not_limited, .throttle = {throttle_terms::no_day}}));
}

TEST_P(Limits, ReachANodeByLoadingAndByFollowing) {
  good(store_->set_company_limits("co_x", {.tokens = 7, .throttle = {.rate = 3}}));
  good(store_->set_key_throttle(key_id(1), {.per_day = 4}));
  const auto node = open(role::node);
  const auto all = good(node->load({}));
  const auto* key = all.people.find_key(key_id(1));
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->throttle, (throttle_terms{.per_day = 4}));
  EXPECT_EQ(all.people.company_of(*key).token_limit, 7u);
  EXPECT_EQ(all.people.company_of(*key).throttle, (throttle_terms{.rate = 3}));

  good(store_->set_company_limits("co_x", {.tokens = 8}));
  good(store_->set_key_throttle(key_id(2), {.burst = 2}));
  const auto changes = good(node->changes_since(all.at)).value();
  ASSERT_EQ(changes.companies.size(), 1u);
  EXPECT_EQ(changes.companies[0].token_limit, 8u);
  EXPECT_EQ(changes.companies[0].throttle, throttle_terms{});
  ASSERT_EQ(changes.keys.size(), 1u);
  EXPECT_EQ(changes.keys[0].throttle, (throttle_terms{.burst = 2}));
}

TEST_P(Limits, CountsOfTheDayAreNoChange) {
  const auto number = good(store_->change_number());
  good(store_->put_key_days(std::vector{counted(1, 5), counted(2, 1, today - days{1})}));
  good(store_->put_key_days(std::vector{counted(1, 6), counted(9, 1)}));  // no key 9
  EXPECT_EQ(good(store_->change_number()), number);
  EXPECT_THAT(good(open()->load_key_days(today - days{1})),
              UnorderedElementsAre(counted(1, 6), counted(2, 1, today - days{1})));
  EXPECT_THAT(good(open()->load_key_days(today)), ElementsAre(counted(1, 6)));
  EXPECT_THAT(good(open()->load_key_days(today - days{1})), ElementsAre(counted(1, 6)))
      << "old ones are gone";
}

TEST_P(Limits, CountsOfTheDayAreTheHighestThatANodeHasTold) {
  const auto other = open();
  good(store_->put_key_days(std::vector{counted(1, 7)}));
  good(other->put_key_days(std::vector{counted(1, 5)}));
  EXPECT_THAT(good(store_->load_key_days(today)), ElementsAre(counted(1, 7)));
  good(other->put_key_days(std::vector{counted(1, 2, today + days{1})}));
  good(store_->put_key_days(std::vector{counted(1, 9)}));
  EXPECT_THAT(good(store_->load_key_days(today)), ElementsAre(counted(1, 2, today + days{1})))
      << "a later day wins";
  good(store_->put_key_days(std::vector{counted(1, 1, today - days{1})}));
  EXPECT_THAT(good(store_->load_key_days(today - days{1})),
              ElementsAre(counted(1, 1, today - days{1})))
      << "two days ahead is a clock that was wrong";
}

TEST_P(Limits, CountsOfTheDayAreWrittenByTheirWriterAndLoadedByTheNext) {
  {
    day_book book;
    day_writer writer(open(), book, {});
    good(writer.start(today + std::chrono::hours{9}));
    book.note(key_id(1), day_count{today, 3});
    writer.stop();
  }
  day_book book;
  day_writer writer(open(), book, {});
  good(writer.start(today + std::chrono::hours{9}));
  EXPECT_EQ(book.find(key_id(1)), (day_count{today, 3}));
}

TEST_P(Limits, CountsOfTheDayAreKeptInTheBookWhileTheStoreCannotTakeThem) {
  std::vector<error> told;
  day_book book;
  day_writer writer(open(), book, [&](const error& e) { told.push_back(e); });
  good(writer.start(today + std::chrono::hours{9}));
  tamper("DROP TABLE key_day");
  book.note(key_id(1), day_count{today, 3});
  writer.stop();
  EXPECT_EQ(told.size(), 1u);
  EXPECT_THAT(book.take_changed(), ElementsAre(counted(1, 3)));
}

}  // namespace
}  // namespace filemint::store::limits_test
