#include "store/migration.hpp"
#include "tests/unit/store/fixture.hpp"

#include <thread>
#include <vector>

namespace filemint::store {
namespace {

class Migrations : public store_test {
protected:
  result<std::unique_ptr<store>> attempt() {
    try {
      return open();
    } catch (const store_error& refused) {
      return std::unexpected(refused.why);
    }
  }
  std::vector<migration> one_more(const char* script, int min_reader) const {
    const auto known = in_->known_migrations();
    std::vector<migration> steps(known.begin(), known.end());
    steps.push_back({script, min_reader});
    return steps;
  }
  const std::unique_ptr<database> db_ = [this] {
    open().reset();
    return in_->connect();
  }();
};

FOR_EACH_STORE(Migrations);

TEST_P(Migrations, KeepWhatTheStoreHeld) {
  good(open()->add_company(company_named("co_x")));
  const auto next = static_cast<int>(in_->known_migrations().size()) + 1;
  const auto steps =
      one_more("ALTER TABLE company ADD COLUMN note TEXT NOT NULL DEFAULT 'x'", next);
  good(migrate(*db_, steps));
  EXPECT_EQ(in_->number("SELECT count(*) FROM company WHERE note = 'x'"), 1);
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"), next);
  EXPECT_EQ(in_->number("SELECT min_reader FROM meta"), next);
  good(migrate(*db_, steps));  // once is enough
  EXPECT_EQ(code_of(migrate(*db_, in_->known_migrations())), errc::store_too_new);
}

TEST_P(Migrations, AreUndoneAsAWholeWhenTheyFail) {
  const auto steps = one_more("CREATE TABLE halfway (x INTEGER); SELECT no_such_function();", 2);
  EXPECT_EQ(code_of(migrate(*db_, steps)), errc::store_failed);
  good(migrate(*db_, one_more("CREATE TABLE halfway (x INTEGER)", 1)));
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"),
            static_cast<std::int64_t>(steps.size()));
  good(open()->add_company(company_named("co_x")));
}

TEST_P(Migrations, AreTakenOnceByManyWhoStartAtOnce) {
  const auto steps = one_more("ALTER TABLE company ADD COLUMN note TEXT", 1);
  std::vector<std::unique_ptr<database>> nodes;
  std::vector<result<void>> outcomes(5, fail(errc::store_failed, "it did not run"));
  for (std::size_t i = 0; i < outcomes.size(); ++i) nodes.push_back(in_->connect());
  {
    std::vector<std::jthread> starting;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      starting.emplace_back([&, i] { outcomes[i] = migrate(*nodes[i], steps); });
    }
  }
  for (const auto& each : outcomes) EXPECT_TRUE(each) << each.error().message;
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"),
            static_cast<std::int64_t>(steps.size()));
}

TEST_P(Migrations, RefuseAStoreThatAsksForANewerBinary) {
  tamper("UPDATE meta SET schema_version = 9, min_reader = 8");
  const auto refused = attempt();
  EXPECT_EQ(code_of(refused), errc::store_too_new);
  EXPECT_NE(refused.error().message.find("newer filemint"), std::string::npos);
}

TEST_P(Migrations, LeaveANewerSchemaThatAllowsItAlone) {
  good(open()->add_company(company_named("co_x")));
  tamper("UPDATE meta SET schema_version = 9; ALTER TABLE company ADD COLUMN later TEXT");
  EXPECT_EQ(good(open()->list_companies()).size(), 1u);
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"), 9);
}

TEST_P(Migrations, TellARunningNodeWhenTheSchemaLeavesItBehind) {
  const auto node = open(role::node);
  const auto known = good(node->load({})).at;
  tamper("UPDATE meta SET min_reader = 8");
  EXPECT_EQ(code_of(node->changes_since(known)), errc::store_too_new);
}

}  // namespace
}  // namespace filemint::store
