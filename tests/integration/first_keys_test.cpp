// Each source's first signing key, beside keys that are sealed under another master key.
#include "src/first_keys.hpp"

#include "src/master_key.hpp"
#include "store/sqlite/open.hpp"
#include "tests/unit/http/temporary_tree.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace filemint::first_keys_test {
namespace {

TEST(FirstKeys, AreNotMadeUnderAnotherMasterKeyThanTheRest) {
  const http::temporary_tree tree;
  const auto kept = *store::open_sqlite(tree.root() / "filemint.db", {.create = true});
  const auto first = master_key::generate(), second = master_key::generate();
  config settings;
  settings.sources = {{.name = "magikarp"}};
  settings.store.master_key = "env:MASTER";
  ASSERT_TRUE(make_first_keys(*kept, settings, first, wall_now()));
  settings.sources.push_back({.name = "betaimages"});

  const auto refused = make_first_keys(*kept, settings, second, wall_now());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::wrong_key);
  EXPECT_TRUE(refused.error().message.starts_with("store.master_key (env:MASTER): "));
  EXPECT_EQ(kept->list_signing_keys()->size(), 1u);
  ASSERT_TRUE(make_first_keys(*kept, settings, first, wall_now()));
  EXPECT_EQ(kept->list_signing_keys()->size(), 2u);
}

// A node neither fails at a key that only a newer filemint knows, nor makes another in its place.
TEST(FirstKeys, LeaveAKeyOfAnUnknownAlgorithmAlone) {
  const http::temporary_tree tree;
  const auto file = tree.root() / "filemint.db";
  const auto kept = *store::open_sqlite(file, {.create = true});
  const auto master = master_key::generate();
  config settings;
  settings.sources = {{.name = "magikarp"}};
  ASSERT_TRUE(make_first_keys(*kept, settings, master, wall_now()));
  {
    auto db = *store::sqlite::connection::open(file, std::chrono::seconds(5));
    ASSERT_TRUE(db.execute("UPDATE signing_key SET algorithm = 'ES512'"));
  }
  settings.sources.push_back({.name = "betaimages"});
  EXPECT_TRUE(check_master_key(master, "env:MASTER", *kept));
  ASSERT_TRUE(make_first_keys(*kept, settings, master, wall_now()));
  const auto rows = *kept->list_signing_keys();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(open_sealed(master, rows[0]));
  EXPECT_EQ(rows[1].source, "magikarp");
  EXPECT_EQ(open_sealed(master, rows[1]).error().code, errc::conflict);
}

}  // namespace
}  // namespace filemint::first_keys_test
