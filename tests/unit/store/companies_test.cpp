#include "tests/unit/store/fixture.hpp"

namespace filemint::store::companies_test {
namespace {

class Companies : public store_test {
protected:
  std::unique_ptr<store> store_ = open();
};

FOR_EACH_STORE(Companies);

TEST_P(Companies, AreListedByIdAsTheyWereAdded) {
  good(store_->add_company({.id = "co_b", .window_limit = 7, .created_at = at(5)}));
  good(store_->add_company({.id = "co_a", .suspended = true, .created_at = at(6)}));
  const auto rows = good(open()->list_companies());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].id, "co_a");
  EXPECT_TRUE(rows[0].suspended);
  EXPECT_EQ(rows[0].created_at, at(6));
  EXPECT_EQ(rows[1].id, "co_b");
  EXPECT_FALSE(rows[1].suspended);
  EXPECT_EQ(rows[1].window_limit, 7u);
}

TEST_P(Companies, AreAddedOnce) {
  good(store_->add_company(company_named("co_x")));
  const auto number = good(store_->change_number());
  EXPECT_EQ(code_of(store_->add_company(company_named("co_x"))), errc::conflict);
  EXPECT_EQ(good(store_->change_number()), number);
}

TEST_P(Companies, NeedAnIdOfTheirForm) {
  for (const auto& id : {std::string(), std::string(65, 'a'), std::string("co x"),
                         std::string("co/x"), std::string("co.x"), std::string("c\xc3\xb6"),
                         std::string("co\0x", 4), std::string("co\n")}) {
    EXPECT_EQ(code_of(store_->add_company(company_named(id))), errc::invalid_argument) << id;
  }
  good(store_->add_company(company_named(std::string(64, 'a'))));
  good(store_->add_company(company_named("Az09_-")));
}

TEST_P(Companies, AreSuspendedAndResumed) {
  good(store_->add_company(company_named("co_x")));
  good(store_->set_suspended("co_x", true));
  EXPECT_TRUE(good(store_->list_companies())[0].suspended);
  const auto number = good(store_->change_number());
  good(store_->set_suspended("co_x", true));
  EXPECT_EQ(good(store_->change_number()), number) << "nothing changed";
  good(store_->set_suspended("co_x", false));
  EXPECT_FALSE(good(store_->list_companies())[0].suspended);
  EXPECT_EQ(code_of(store_->set_suspended("co_y", true)), errc::not_found);
}

TEST_P(Companies, HaveAWindowOfTheirOwn) {
  good(store_->add_company(company_named("co_x")));
  good(store_->set_window_limit("co_x", 1'000'000'000));
  EXPECT_EQ(good(store_->list_companies())[0].window_limit, 1'000'000'000u);
  EXPECT_EQ(code_of(store_->set_window_limit("co_x", 1'000'000'001)), errc::invalid_argument);
  EXPECT_EQ(code_of(store_->set_window_limit("co_y", 1)), errc::not_found);
  EXPECT_EQ(code_of(store_->add_company({.id = "co_z", .window_limit = 1'000'000'001})),
            errc::invalid_argument);
}

class Grants : public Companies {
protected:
  Grants() { good(store_->add_company(company_named("co_x"))); }
  auto add(std::string prefix, std::string source = "magikarp", std::string company = "co_x") {
    return store_->add_grant({std::move(company), std::move(source), std::move(prefix), at(9)});
  }
};

FOR_EACH_STORE(Grants);

TEST_P(Grants, AreKeptWithoutTheirTrailingSlash) {
  good(add("uploads/co_x/"));
  good(add(""));
  good(add("uploads/co_x", "betaimages"));
  const auto rows = good(store_->list_grants("co_x"));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].source, "betaimages");
  EXPECT_EQ(rows[1].prefix, "");
  EXPECT_EQ(rows[2].prefix, "uploads/co_x");
  EXPECT_EQ(rows[2].created_at, at(9));
}

TEST_P(Grants, AreAddedOnce) {
  good(add("uploads/co_x"));
  EXPECT_EQ(code_of(add("uploads/co_x/")), errc::conflict);
  good(add("uploads/co_x/a"));  // covered already, yet another grant
}

TEST_P(Grants, NeedAKnownCompany) {
  EXPECT_EQ(code_of(add("a", "magikarp", "co_y")), errc::not_found);
  EXPECT_EQ(code_of(store_->list_grants("co_y")), errc::not_found);
  EXPECT_EQ(code_of(store_->remove_grant("co_y", "magikarp", "a")), errc::not_found);
}

TEST_P(Grants, NeedAPathOfWholeSegments) {
  for (const auto& prefix :
       {std::string("."), std::string("a/../b"), std::string("a//.."), std::string("a\\b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string(1025, 'a')}) {
    EXPECT_EQ(code_of(add(prefix)), errc::invalid_argument) << prefix;
  }
}

TEST_P(Grants, TakeWhatAnObjectStoreHolds) {
  const std::vector<std::string> prefixes{"/a", "a%2fb", "a//b"};
  for (const auto& prefix : prefixes) good(add(prefix + '/'));
  const auto rows = good(store_->list_grants("co_x"));
  ASSERT_EQ(rows.size(), prefixes.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].prefix, prefixes[i]);
}

// "a//" as "a/" would be read as "a" the next time, and "/" as everything.
TEST_P(Grants, AreNotOfAnEmptyLastSegment) {
  for (const auto* prefix : {"/", "//", "a//", "a///"}) {
    EXPECT_EQ(code_of(add(prefix)), errc::invalid_argument) << prefix;
  }
}

TEST_P(Grants, NeedASourcesName) {
  for (const auto& source : {std::string(), std::string(33, 'a'), std::string("Magikarp"),
                             std::string("magi karp"), std::string("a/b"), std::string("a.b")}) {
    EXPECT_EQ(code_of(add("a", source)), errc::invalid_argument) << source;
  }
}

TEST_P(Grants, AreRemovedOneByOne) {
  good(add("a"));
  good(add("a/b"));
  EXPECT_EQ(code_of(store_->remove_grant("co_x", "betaimages", "a")), errc::not_found);
  EXPECT_EQ(code_of(store_->remove_grant("co_x", "magikarp", "b")), errc::not_found);
  good(store_->remove_grant("co_x", "magikarp", "a/"));
  const auto rows = good(store_->list_grants({}));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].prefix, "a/b");
}

}  // namespace
}  // namespace filemint::store::companies_test
