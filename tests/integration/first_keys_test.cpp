// Each source's first signing key, beside keys that are sealed under another master key.
#include "src/first_keys.hpp"

#include "store/sqlite/open.hpp"
#include "tests/unit/http/temporary_tree.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace filemint {
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

}  // namespace
}  // namespace filemint
