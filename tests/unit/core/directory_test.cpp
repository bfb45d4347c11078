#include "core/directory.hpp"

#include "core/directory_builder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

namespace filemint::directory_test {
namespace {

std::string key_id(std::uint64_t number) {
  char text[17];  // as many as a number can have
  std::snprintf(text, sizeof text, "%012llx", static_cast<unsigned long long>(number));
  return {text, api_key_record::id_bytes};
}

api_key_record key_named(std::string_view id, std::uint32_t company, std::uint8_t mark = 0) {
  api_key_record key{};
  std::memcpy(key.id, id.data(), api_key_record::id_bytes);
  key.company = company;
  key.secret_hash[0] = mark;
  key.scope = scope_all;
  return key;
}

TEST(Directory, KnowsNothingWhenEmpty) {
  const directory empty;
  EXPECT_EQ(empty.find_key(key_id(1)), nullptr);
  EXPECT_EQ(empty.find_company("co_x"), nullptr);
  EXPECT_EQ(empty.key_count(), 0u);
  EXPECT_EQ(empty.company_count(), 0u);
}

TEST(Directory, FindsAKeyAndItsCompany) {
  directory_builder builder;
  builder.put_company({.id = "co_a"});
  const auto index = builder.put_company({.id = "co_b", .window_limit = 7});
  builder.put_key(key_named(key_id(1), index, 42));
  const auto built = builder.build();

  const auto* key = built.find_key(key_id(1));
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->secret_hash[0], 42);
  EXPECT_EQ(built.company_of(*key).id, "co_b");
  EXPECT_EQ(built.company_of(*key).window_limit, 7u);
  EXPECT_EQ(built.company_of(*key).index, index);
  EXPECT_EQ(built.find_company("co_b"), &built.company_of(*key));
}

TEST(Directory, FindsNoKeyByAnIdThatIsNotOne) {
  directory_builder builder;
  builder.put_key(key_named(key_id(1), builder.put_company({.id = "co"})));
  const auto built = builder.build();
  for (const auto& id : {key_id(2), std::string(), std::string("short"), key_id(1) + "x",
                         key_id(1).substr(1), std::string(12, '\0')}) {
    EXPECT_EQ(built.find_key(id), nullptr) << id;
  }
}

TEST(Directory, LeavesTheFormerOneAsItWas) {
  directory_builder builder;
  const auto company = builder.put_company({.id = "co"});
  builder.put_key(key_named(key_id(1), company, 1));
  builder.put_key(key_named(key_id(2), company, 1));
  const auto former = builder.build();
  builder.put_company({.id = "co", .suspended = true});
  builder.put_key(key_named(key_id(1), company, 2));
  builder.remove_key(key_id(2));
  const auto latter = builder.build();

  EXPECT_FALSE(former.find_company("co")->suspended);
  EXPECT_EQ(former.find_key(key_id(1))->secret_hash[0], 1);
  EXPECT_NE(former.find_key(key_id(2)), nullptr);
  EXPECT_EQ(former.key_count(), 2u);
  EXPECT_TRUE(latter.find_company("co")->suspended);
  EXPECT_EQ(latter.find_key(key_id(1))->secret_hash[0], 2);
  EXPECT_EQ(latter.find_key(key_id(2)), nullptr);
  EXPECT_EQ(latter.key_count(), 1u);
}

TEST(Directory, SharesWhatDidNotChange) {
  directory_builder builder;
  const auto company = builder.put_company({.id = "co"});
  for (std::uint64_t i = 0; i < 1000; ++i) builder.put_key(key_named(key_id(i), company));
  const auto former = builder.build();
  builder.put_key(key_named(key_id(1000), company));
  const auto latter = builder.build();
  int moved = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    moved += former.find_key(key_id(i)) != latter.find_key(key_id(i));
  }
  EXPECT_LE(moved, 20);  // those of one shard out of 4096
  EXPECT_EQ(former.find_company("co"), latter.find_company("co"));
}

TEST(Directory, KeepsACompanysIndexThroughEveryChange) {
  directory_builder builder;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(builder.put_company({.id = "co_" + std::to_string(i)}),
              static_cast<std::uint32_t>(i));
  }
  const auto former = builder.build();
  directory_builder again(former);
  EXPECT_EQ(again.put_company({.id = "co_7", .suspended = true}), 7u);
  EXPECT_EQ(again.put_company({.id = "co_new"}), 300u);
  EXPECT_EQ(again.company_index("co_new"), 300u);
  EXPECT_EQ(again.company_index("co_299"), 299u);
  EXPECT_EQ(again.company_index("co_300"), std::nullopt);
  const auto latter = again.build();
  EXPECT_EQ(latter.company_count(), 301u);
  for (int i = 0; i < 300; ++i) {
    const auto* known = latter.find_company("co_" + std::to_string(i));
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->index, static_cast<std::uint32_t>(i));
    EXPECT_EQ(known->suspended, i == 7);
  }
}

TEST(Directory, ClearedKeepsIndicesAndNothingElse) {
  directory_builder builder;
  const auto gone =
      builder.put_company({.id = "gone", .granted = grants({{"magikarp", prefix_set({"a"})}})});
  const auto kept = builder.put_company({.id = "kept"});
  builder.put_key(key_named(key_id(1), gone));
  builder.put_key(key_named(key_id(2), kept));
  const auto former = builder.build();

  directory_builder again(former);
  again.clear();
  EXPECT_EQ(again.put_company({.id = "new"}), 2u);
  EXPECT_EQ(again.put_company({.id = "kept"}), kept);
  again.put_key(key_named(key_id(3), kept));
  const auto latter = again.build();
  EXPECT_EQ(latter.find_key(key_id(1)), nullptr);
  EXPECT_EQ(latter.find_key(key_id(2)), nullptr);
  EXPECT_NE(latter.find_key(key_id(3)), nullptr);
  EXPECT_EQ(latter.key_count(), 1u);
  EXPECT_TRUE(latter.find_company("gone")->suspended);
  EXPECT_EQ(latter.find_company("gone")->granted.on("magikarp"), nullptr);
  EXPECT_EQ(latter.find_company("gone")->index, gone);
  EXPECT_FALSE(latter.find_company("kept")->suspended);
}

TEST(Directory, TakesTheLastWordOnAKey) {
  directory_builder builder;
  const auto company = builder.put_company({.id = "co"});
  builder.put_key(key_named(key_id(1), company, 1));
  builder.put_key(key_named(key_id(1), company, 2));
  builder.put_key(key_named(key_id(2), company, 1));
  builder.remove_key(key_id(2));
  builder.remove_key(key_id(3));
  builder.put_key(key_named(key_id(3), company, 3));
  builder.remove_key("no id");
  const auto built = builder.build();
  EXPECT_EQ(built.key_count(), 2u);
  EXPECT_EQ(built.find_key(key_id(1))->secret_hash[0], 2);
  EXPECT_EQ(built.find_key(key_id(2)), nullptr);
  EXPECT_EQ(built.find_key(key_id(3))->secret_hash[0], 3);
}

// Any sequence of changes, in any number of builds, ends in what a map would hold.
RC_GTEST_PROP(DirectoryProperty, AgreesWithAMap, ()) {
  struct step {
    std::uint64_t key;
    bool removed;
    bool build;
  };
  const auto steps = *rc::gen::container<std::vector<step>>(
      rc::gen::construct<step>(rc::gen::inRange<std::uint64_t>(0, 40), rc::gen::arbitrary<bool>(),
                               rc::gen::arbitrary<bool>()));
  directory_builder builder;
  const auto company = builder.put_company({.id = "co"});
  std::map<std::uint64_t, std::uint8_t> expected;
  std::uint8_t mark = 0;
  for (const auto& s : steps) {
    if (s.removed) {
      builder.remove_key(key_id(s.key));
      expected.erase(s.key);
    } else {
      builder.put_key(key_named(key_id(s.key), company, ++mark));
      expected[s.key] = mark;
    }
    if (s.build) builder = directory_builder(builder.build());
  }
  const auto built = builder.build();
  RC_ASSERT(built.key_count() == expected.size());
  for (std::uint64_t key = 0; key < 40; ++key) {
    const auto* found = built.find_key(key_id(key));
    const auto known = expected.find(key);
    RC_ASSERT((found != nullptr) == (known != expected.end()));
    if (found != nullptr) RC_ASSERT(found->secret_hash[0] == known->second);
  }
}

// All in one shard's worth of slots or not: full tables must still answer for absent keys.
TEST(Directory, HoldsManyKeysAndMissesTheRest) {
  directory_builder builder;
  const auto company = builder.put_company({.id = "co"});
  constexpr std::uint64_t count = 100'000;
  for (std::uint64_t i = 0; i < count; ++i) builder.put_key(key_named(key_id(i), company));
  const auto built = builder.build();
  EXPECT_EQ(built.key_count(), count);
  for (std::uint64_t i = 0; i < count; ++i) {
    ASSERT_NE(built.find_key(key_id(i)), nullptr) << i;
    ASSERT_EQ(built.find_key(key_id(count + i)), nullptr) << i;
  }
}

}  // namespace
}  // namespace filemint::directory_test
