#include "tests/unit/store/fixture.hpp"

#include <sys/stat.h>

#include <fstream>

namespace filemint::store::open_test {
namespace {

class OpeningAStore : public sqlite_test {
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
  sqlite::database db{good(sqlite::connection::open(file(), std::chrono::seconds(5)))};
  EXPECT_EQ(good(db.number("SELECT count(*) FROM sqlite_schema")), 1);
  EXPECT_EQ(good(db.number("PRAGMA application_id")), 77);
}

// A store as the first release wrote it, for as long as there are releases.
TEST_F(OpeningAStore, BringsTheFirstSchemaUpToDate) {
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
  EXPECT_EQ(held.at.store_id, "00112233445566778899aabbccddeeff");
  EXPECT_EQ(held.at.number, 5u);
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
}  // namespace filemint::store::open_test
