#include "store/sqlite/migrations.hpp"
#include "tests/unit/store/fixture.hpp"

#include <sys/stat.h>

#include <fstream>

namespace filemint::store {
namespace {

class OpeningAStore : public store_test {
protected:
  // The open store that came of it, or what it said.
  result<std::unique_ptr<store>> attempt(const sqlite::options& options) const {
    return open_sqlite(file(), options);
  }
};

TEST_F(OpeningAStore, MakesOneOnlyWhenAsked) {
  EXPECT_EQ(code_of(attempt({})), errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(file()));
  good(attempt({.create = true}));
  good(attempt({}));
}

TEST_F(OpeningAStore, MakesItForItsOwnerAlone) {
  good(open()->add_company(company_named("co_x")));
  const auto held = open();
  good(held->add_company(company_named("co_y")));
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    struct stat status;
    ASSERT_EQ(::stat((file().string() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 077, 0u) << suffix;
  }
}

TEST_F(OpeningAStore, GivesEachStoreAnIdOfItsOwn) {
  const auto first = good(open()->load({})).at.store_id;
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(good(open()->load({})).at.store_id, first);
  const temporary_directory elsewhere;
  const auto other = good(open_sqlite(elsewhere.path() / "other.db", {.create = true}));
  EXPECT_NE(good(other->load({})).at.store_id, first);
}

TEST_F(OpeningAStore, NamesAPathThatIsNone) {
  const auto refused = open_sqlite(directory_.path() / "no/such/dir.db", {.create = true});
  EXPECT_EQ(code_of(refused), errc::io_failed);
  EXPECT_NE(refused.error().message.find("no/such/dir.db"), std::string::npos);
}

TEST_F(OpeningAStore, RefusesASecondNode) {
  const auto first = open(role::node);
  const auto second = attempt({.as_node = true});
  EXPECT_EQ(code_of(second), errc::conflict);
  std::filesystem::create_symlink(file(), directory_.path() / "alias.db");
  EXPECT_EQ(code_of(open_sqlite(directory_.path() / "alias.db", {.as_node = true})), errc::conflict)
      << "by another name";
  good(attempt({}).value()->add_company(company_named("co_x")));
}

TEST_F(OpeningAStore, TakesTheNextNodeOnceTheFirstHasGone) {
  open(role::node).reset();
  good(attempt({.as_node = true}));
}

TEST_F(OpeningAStore, RefusesWhatIsNoStoreAndLeavesItAlone) {
  std::ofstream(file()) << std::string(8'192, 'x');
  EXPECT_EQ(code_of(attempt({.create = true})), errc::store_failed);

  std::filesystem::remove(file());
  std::ofstream(file()).flush();
  tamper("CREATE TABLE theirs (x); PRAGMA application_id = 77;");
  EXPECT_EQ(code_of(attempt({.create = true})), errc::conflict);
  auto db = good(sqlite::connection::open(file(), std::chrono::seconds(5)));
  EXPECT_EQ(good(db.number("SELECT count(*) FROM sqlite_schema")), 1);
  EXPECT_EQ(good(db.number("PRAGMA application_id")), 77);
}

TEST_F(OpeningAStore, RefusesOneThatAsksForANewerBinary) {
  open().reset();
  tamper("UPDATE meta SET schema_version = 9, min_reader = 8");
  const auto refused = attempt({});
  EXPECT_EQ(code_of(refused), errc::store_too_new);
  EXPECT_NE(refused.error().message.find("newer filemint"), std::string::npos);
}

TEST_F(OpeningAStore, WorksOnANewerSchemaThatAllowsIt) {
  good(open()->add_company(company_named("co_x")));
  tamper("UPDATE meta SET schema_version = 9; ALTER TABLE company ADD COLUMN later TEXT");
  EXPECT_EQ(good(open()->list_companies()).size(), 1u);
  auto db = good(sqlite::connection::open(file(), std::chrono::seconds(5)));
  EXPECT_EQ(good(db.number("SELECT schema_version FROM meta")), 9);
}

TEST_F(OpeningAStore, TellsARunningNodeWhenTheSchemaLeavesItBehind) {
  const auto node = open(role::node);
  const auto known = good(node->load({})).at;
  tamper("UPDATE meta SET min_reader = 8");
  EXPECT_EQ(code_of(node->changes_since(known)), errc::store_too_new);
}

class Migrations : public store_test {
protected:
  Migrations() { open().reset(); }
  sqlite::database db_{[this] {
    std::ofstream(file()).flush();
    return good(sqlite::connection::open(file(), std::chrono::seconds(5)));
  }()};
};

std::vector<migration> one_more(const char* script, int min_reader) {
  const auto known = sqlite::known_migrations();
  std::vector<migration> steps(known.begin(), known.end());
  steps.push_back({script, min_reader});
  return steps;
}

TEST_F(Migrations, KeepWhatTheStoreHeld) {
  good(open()->add_company(company_named("co_x")));
  const auto next = static_cast<int>(sqlite::known_migrations().size()) + 1;
  const auto steps =
      one_more("ALTER TABLE company ADD COLUMN note TEXT NOT NULL DEFAULT 'x'", next);
  good(migrate(db_, steps));
  EXPECT_EQ(good(db_.number("SELECT count(*) FROM company WHERE note = 'x'")), 1);
  EXPECT_EQ(good(db_.number("SELECT schema_version FROM meta")),
            static_cast<std::int64_t>(steps.size()));
  EXPECT_EQ(good(db_.number("SELECT min_reader FROM meta")), next);
  good(migrate(db_, steps));  // once is enough
  EXPECT_EQ(code_of(migrate(db_, sqlite::known_migrations())), errc::store_too_new);
}

TEST_F(Migrations, AreUndoneAsAWholeWhenTheyFail) {
  const auto steps = one_more("CREATE TABLE halfway (x); SELECT no_such_function();", 2);
  EXPECT_EQ(code_of(migrate(db_, steps)), errc::store_failed);
  EXPECT_EQ(good(db_.number("SELECT count(*) FROM sqlite_schema WHERE name = 'halfway'")), 0);
  EXPECT_EQ(good(db_.number("SELECT schema_version FROM meta")),
            static_cast<std::int64_t>(sqlite::known_migrations().size()));
  good(open()->add_company(company_named("co_x")));
}

// A store as the first release wrote it, for as long as there are releases.
TEST_F(Migrations, BringTheFirstSchemaUpToDate) {
  std::ifstream dump(FILEMINT_SOURCE_DIR "/tests/unit/store/schema_1.sql");
  const std::string script((std::istreambuf_iterator<char>(dump)), {});
  ASSERT_FALSE(script.empty());
  const auto old = directory_.path() / "old.db";
  {
    std::ofstream(old).flush();
    auto db = good(sqlite::connection::open(old, std::chrono::seconds(5)));
    good(db.execute(script.c_str()));
  }
  const auto store = good(open_sqlite(old, {.as_node = true}));
  const auto held = good(store->load({}));
  EXPECT_EQ(held.at, (position{"00112233445566778899aabbccddeeff", 5}));
  EXPECT_EQ(held.people.key_count(), 1u);
  const auto* key = held.people.find_key("abcdefABCDEF");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(held.people.company_of(*key).id, "co_xyz");
  EXPECT_NE(held.people.company_of(*key).granted.on("magikarp"), nullptr);
  ASSERT_EQ(held.signing_keys.size(), 1u);
  EXPECT_EQ(held.signing_keys[0].sealed, "sealed");
  EXPECT_TRUE(held.revoked.empty());
  good(store->add_company(company_named("co_new")));
  good(store->revoke_tokens({.kind = revocation_kind::company, .value = "co_new", .at = at(9)}));
  EXPECT_EQ(good(store->load({})).revoked.size(), 1u);
}

}  // namespace
}  // namespace filemint::store
