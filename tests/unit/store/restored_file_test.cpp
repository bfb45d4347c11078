#include "tests/unit/store/fixture.hpp"

namespace filemint::store::restored_file_test {
namespace {

class RestoredFile : public sqlite_test {};

// A backup put in the file's place: another history, whatever its numbers say.
TEST_F(RestoredFile, IsLoadedAnewThoughItsNumberIsTheSame) {
  auto cli = open();
  const auto node = open(role::node);
  good(cli->add_company(company_named("co_x")));
  const auto backup = directory_.path() / "backup.db";
  {
    auto db = good(sqlite::connection::open(file(), std::chrono::seconds(5)));
    good(db.run("VACUUM INTO $1", backup.native()));
  }
  good(cli->add_company(company_named("co_lost")));
  const auto all = good(node->load({}));
  {
    const auto restored = good(open_sqlite(backup, {}));
    good(restored->add_company(company_named("co_kept")));
  }
  cli.reset();
  std::filesystem::remove(file().string() + "-wal");
  std::filesystem::remove(file().string() + "-shm");
  std::filesystem::rename(backup, file());

  EXPECT_FALSE(good(node->changes_since(all.at)));
  const auto again = good(node->load(all.people));
  EXPECT_EQ(again.at.number, all.at.number) << "the same one for other changes";
  EXPECT_NE(again.at.life, all.at.life);
  EXPECT_FALSE(again.people.find_company("co_kept")->suspended);
  EXPECT_TRUE(again.people.find_company("co_lost")->suspended) << "gone, but its index is not";
  EXPECT_EQ(again.people.find_company("co_lost")->index, all.people.find_company("co_lost")->index);
  EXPECT_EQ(code_of(open_sqlite(file(), {.as_node = true})), errc::conflict)
      << "it is still this node's";
}

}  // namespace
}  // namespace filemint::store::restored_file_test
