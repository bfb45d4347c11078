#include "tests/unit/store/fixture.hpp"

#include <vector>

namespace filemint::store::keys_test {
namespace {

class Keys : public store_test {
protected:
  Keys() {
    good(store_->add_company(company_named("co_x")));
    good(store_->add_company(company_named("co_y")));
  }
  std::unique_ptr<store> store_ = open();
};

FOR_EACH_STORE(Keys);

TEST_P(Keys, AreListedAsTheyWereAdded) {
  auto key = key_numbered(1, "co_x");
  key.scope = scope_health;
  key.expires_at = at(2'000);
  good(store_->add_key(key));
  good(store_->add_key(key_numbered(2, "co_y")));
  const auto rows = good(store_->list_keys("co_x"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].id, key.id);
  EXPECT_EQ(rows[0].company, "co_x");
  EXPECT_EQ(rows[0].secret_hash, key.secret_hash);
  EXPECT_EQ(rows[0].scope, scope_health);
  EXPECT_EQ(rows[0].expires_at, at(2'000));
  EXPECT_EQ(rows[0].created_at, at(1'000));
  EXPECT_EQ(rows[0].revoked_at, std::nullopt);
  EXPECT_EQ(good(store_->list_keys({})).size(), 2u);
  EXPECT_EQ(code_of(store_->list_keys("co_z")), errc::not_found);
}

TEST_P(Keys, NeedAKnownCompanyAndAnIdOfTheirOwn) {
  EXPECT_EQ(code_of(store_->add_key(key_numbered(1, "co_z"))), errc::not_found);
  good(store_->add_key(key_numbered(1, "co_x")));
  EXPECT_EQ(code_of(store_->add_key(key_numbered(1, "co_x"))), errc::conflict);
  EXPECT_EQ(code_of(store_->add_key(key_numbered(1, "co_y"))), errc::conflict);
}

TEST_P(Keys, KeepTheirRules) {
  const auto refused = [&](auto&& spoil) {
    auto key = key_numbered(1, "co_x");
    spoil(key);
    return code_of(store_->add_key(key)) == errc::invalid_argument;
  };
  for (const auto* id :
       {"", "short", "thirteen_char", "twelve chars", "twelve-chars", "zw\xc3\xb6lf12345"}) {
    EXPECT_TRUE(refused([&](key_row& key) { key.id = id; })) << id;
  }
  EXPECT_TRUE(refused([](key_row& key) { key.scope = 0; }));
  EXPECT_TRUE(refused([](key_row& key) { key.scope = scope_all + 1; }));
  EXPECT_TRUE(refused([](key_row& key) { key.expires_at = key.created_at; }));
  EXPECT_TRUE(refused([](key_row& key) { key.expires_at = at(std::int64_t{1} << 32); }));
  EXPECT_TRUE(refused([](key_row& key) {
    key.created_at = at(-5);
    key.expires_at = at(0);
  }));
}

TEST_P(Keys, ComeAllOrNone) {
  EXPECT_EQ(code_of(store_->insert_keys(std::vector{
                key_numbered(1, "co_x"), key_numbered(2, "co_y"), key_numbered(1, "co_y")})),
            errc::conflict);
  EXPECT_EQ(
      code_of(store_->insert_keys(std::vector{key_numbered(3, "co_x"), key_numbered(4, "co_z")})),
      errc::not_found);
  EXPECT_TRUE(good(store_->list_keys({})).empty());
}

TEST_P(Keys, AreRevokedForGood) {
  good(store_->add_key(key_numbered(1, "co_x")));
  good(store_->revoke_key(key_id(1), at(3'000)));
  const auto number = good(store_->change_number());
  good(store_->revoke_key(key_id(1), at(4'000)));
  EXPECT_EQ(good(store_->list_keys("co_x"))[0].revoked_at, at(3'000));
  EXPECT_EQ(good(store_->change_number()), number) << "nothing changed";
  EXPECT_EQ(code_of(store_->revoke_key(key_id(2), at(3'000))), errc::not_found);
  EXPECT_EQ(code_of(store_->add_key(key_numbered(1, "co_x"))), errc::conflict)
      << "a revoked key's id is not used again";
}

class SigningKeys : public store_test {
protected:
  key_state state_of(std::string_view kid) {
    for (const auto& row : good(store_->list_signing_keys())) {
      if (row.kid == kid) return row.state;
    }
    throw std::runtime_error("no such key");
  }
  std::unique_ptr<store> store_ = open();
};

FOR_EACH_STORE(SigningKeys);

TEST_P(SigningKeys, AreListedAsTheyWereAdded) {
  auto key = signing_key_named("k1", "betaimages");
  key.algorithm = token_algorithm::es256;
  good(store_->insert_signing_key(key));
  good(store_->insert_signing_key(signing_key_named("k2", "magikarp", key_state::active)));
  const auto rows = good(store_->list_signing_keys());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].kid, "k1");
  EXPECT_EQ(rows[0].source, "betaimages");
  EXPECT_EQ(rows[0].algorithm, token_algorithm::es256);
  EXPECT_EQ(rows[0].state, key_state::prepared);
  EXPECT_EQ(rows[0].sealed, key.sealed);
  EXPECT_EQ(rows[0].created_at, at(1'000));
  EXPECT_EQ(rows[0].activated_at, std::nullopt);
  EXPECT_EQ(rows[1].state, key_state::active);
  EXPECT_EQ(rows[1].activated_at, at(1'000));
}

// Of an algorithm that only a newer filemint knows.
TEST_P(SigningKeys, OfUnknownAlgorithmsAreKeptAndLeftAlone) {
  good(store_->insert_signing_key(signing_key_named("k1", "magikarp", key_state::active)));
  tamper(
      "INSERT INTO signing_key SELECT 'newer', 'betaimages', 'ES512', state, sealed, created_at,"
      " activated_at, NULL FROM signing_key");
  const auto rows = good(store_->list_signing_keys());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].algorithm, std::nullopt);
  EXPECT_EQ(rows[0].unknown_algorithm, "ES512");
  EXPECT_EQ(rows[0].sealed, rows[1].sealed);
  EXPECT_EQ(rows[1].algorithm, token_algorithm::hs256);
  EXPECT_EQ(rows[1].unknown_algorithm, "");
  auto another = signing_key_named("k2", "betaimages", key_state::active);
  EXPECT_EQ(code_of(store_->insert_signing_key(another)), errc::conflict) << "that one is active";
  another.state = key_state::prepared;
  good(store_->insert_signing_key(another));
  EXPECT_EQ(in_->number("SELECT count(*) FROM signing_key WHERE algorithm = 'ES512'"), 1);
  another.kid = "k3";
  another.algorithm.reset();
  EXPECT_EQ(code_of(store_->insert_signing_key(another)), errc::invalid_argument);
}

TEST_P(SigningKeys, KeepTheirRules) {
  for (const auto& kid : {std::string(), std::string(65, 'a'), std::string("a b"),
                          std::string("a/b"), std::string("\"")}) {
    EXPECT_EQ(code_of(store_->insert_signing_key(signing_key_named(kid))), errc::invalid_argument);
  }
  EXPECT_EQ(code_of(store_->insert_signing_key(signing_key_named("k", "Bad"))),
            errc::invalid_argument);
  EXPECT_EQ(
      code_of(store_->insert_signing_key(signing_key_named("k", "magikarp", key_state::retiring))),
      errc::invalid_argument);
  auto unsealed = signing_key_named("k");
  unsealed.sealed.clear();
  EXPECT_EQ(code_of(store_->insert_signing_key(unsealed)), errc::invalid_argument);
  good(store_->insert_signing_key(signing_key_named("k")));
  EXPECT_EQ(code_of(store_->insert_signing_key(signing_key_named("k", "betaimages"))),
            errc::conflict);
}

TEST_P(SigningKeys, AreActiveOneASource) {
  good(store_->insert_signing_key(signing_key_named("k1", "magikarp", key_state::active)));
  good(store_->insert_signing_key(signing_key_named("k2", "betaimages", key_state::active)));
  EXPECT_EQ(
      code_of(store_->insert_signing_key(signing_key_named("k3", "magikarp", key_state::active))),
      errc::conflict);
}

TEST_P(SigningKeys, JoinThoseThatTheyFit) {
  good(store_->insert_signing_key(signing_key_named("k1")));
  good(store_->insert_signing_key(signing_key_named("k2", "betaimages")));
  std::vector<std::string> asked;
  const auto fits = [&](const signing_key_row& key) -> result<void> {
    asked.push_back(key.kid + " " + key.sealed);
    if (key.kid == "k1") return fail(errc::wrong_key, "another master key");
    return {};
  };
  EXPECT_EQ(code_of(store_->insert_signing_key_beside(signing_key_named("k3"), fits)),
            errc::wrong_key);
  EXPECT_EQ(asked, (std::vector<std::string>{"k2 " + signing_key_named("").sealed,
                                             "k1 " + signing_key_named("").sealed}));
  EXPECT_EQ(good(store_->list_signing_keys()).size(), 2u);
}

TEST_P(SigningKeys, TakeOverFromTheFormerOne) {
  good(store_->insert_signing_key(signing_key_named("old", "magikarp", key_state::active)));
  good(store_->insert_signing_key(signing_key_named("else", "betaimages", key_state::active)));
  good(store_->insert_signing_key(signing_key_named("new")));
  good(store_->activate_signing_key(
      {.kid = "new", .at = at(5'000), .overlap = std::chrono::seconds(3'660)}));
  const auto rows = good(store_->list_signing_keys());
  EXPECT_EQ(state_of("new"), key_state::active);
  EXPECT_EQ(state_of("old"), key_state::retiring);
  EXPECT_EQ(state_of("else"), key_state::active);
  for (const auto& row : rows) {
    EXPECT_EQ(row.retire_at, row.kid == "old" ? std::optional(at(8'660)) : std::nullopt);
    EXPECT_EQ(row.activated_at, row.kid == "new" ? at(5'000) : at(1'000));
  }
}

TEST_P(SigningKeys, RipenBeforeTheyAreActivated) {
  good(store_->insert_signing_key(signing_key_named("k")));
  activation asked{.kid = "k", .at = at(1'299), .min_age = std::chrono::seconds(300)};
  EXPECT_EQ(code_of(store_->activate_signing_key(asked)), errc::conflict);
  EXPECT_EQ(state_of("k"), key_state::prepared);
  asked.at = at(1'300);
  good(store_->activate_signing_key(asked));
  EXPECT_EQ(state_of("k"), key_state::active);

  good(store_->insert_signing_key(signing_key_named("forced")));
  good(store_->activate_signing_key({.kid = "forced",
                                     .at = at(1'001),
                                     .min_age = std::chrono::seconds(300),
                                     .overlap = std::chrono::seconds(60),
                                     .force = true}));
  EXPECT_EQ(state_of("forced"), key_state::active);
}

TEST_P(SigningKeys, AreActivatedFromPreparedAlone) {
  good(store_->insert_signing_key(signing_key_named("a", "magikarp", key_state::active)));
  good(store_->insert_signing_key(signing_key_named("b")));
  EXPECT_EQ(code_of(store_->activate_signing_key({.kid = "a", .at = at(2'000)})), errc::conflict);
  EXPECT_EQ(code_of(store_->activate_signing_key({.kid = "z", .at = at(2'000)})), errc::not_found);
  good(store_->activate_signing_key(
      {.kid = "b", .at = at(2'000), .overlap = std::chrono::seconds(100)}));
  EXPECT_EQ(code_of(store_->activate_signing_key({.kid = "a", .at = at(2'000), .force = true})),
            errc::conflict);
}

TEST_P(SigningKeys, GoOnceTheirTokensHaveExpired) {
  good(store_->insert_signing_key(signing_key_named("old", "magikarp", key_state::active)));
  EXPECT_EQ(code_of(store_->retire_signing_key("old", at(2'000), true)), errc::conflict)
      << "an active key";
  good(store_->insert_signing_key(signing_key_named("new")));
  good(store_->activate_signing_key(
      {.kid = "new", .at = at(2'000), .overlap = std::chrono::seconds(100)}));
  EXPECT_EQ(code_of(store_->retire_signing_key("old", at(2'099), false)), errc::conflict);
  EXPECT_EQ(state_of("old"), key_state::retiring);
  good(store_->retire_signing_key("old", at(2'100), false));
  EXPECT_EQ(code_of(store_->retire_signing_key("old", at(2'100), false)), errc::not_found);
  good(store_->insert_signing_key(signing_key_named("never")));
  good(store_->retire_signing_key("never", at(2'000), false));
  EXPECT_EQ(good(store_->list_signing_keys()).size(), 1u);
}

TEST_P(SigningKeys, GoEarlyWhenForced) {
  good(store_->insert_signing_key(signing_key_named("old", "magikarp", key_state::active)));
  good(store_->insert_signing_key(signing_key_named("new")));
  good(store_->activate_signing_key(
      {.kid = "new", .at = at(2'000), .overlap = std::chrono::seconds(100)}));
  good(store_->retire_signing_key("old", at(2'001), true));
  EXPECT_EQ(good(store_->list_signing_keys()).size(), 1u);
}

TEST_P(SigningKeys, AreClearedAwayByLaterRotations) {
  good(store_->insert_signing_key(signing_key_named("old", "magikarp", key_state::active)));
  good(store_->insert_signing_key(signing_key_named("new")));
  good(store_->activate_signing_key(
      {.kid = "new", .at = at(2'000), .overlap = std::chrono::seconds(100)}));
  auto next = signing_key_named("next");
  next.created_at = at(2'100);
  good(store_->insert_signing_key(next));
  const auto rows = good(store_->list_signing_keys());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].kid, "new");
  EXPECT_EQ(rows[1].kid, "next");
}

TEST_P(SigningKeys, AreResealedAllOrNone) {
  good(store_->insert_signing_key(signing_key_named("k1")));
  good(store_->insert_signing_key(signing_key_named("k2")));
  const auto number = good(store_->change_number());
  EXPECT_EQ(
      code_of(store_->reseal_signing_keys([](const signing_key_row& row) -> result<std::string> {
        if (row.kid == "k2") return fail(errc::wrong_key, "another master key");
        return "anew";
      })),
      errc::wrong_key);
  for (const auto& row : good(store_->list_signing_keys())) {
    EXPECT_EQ(row.sealed, signing_key_named("k").sealed);
  }
  EXPECT_EQ(good(store_->change_number()), number);
  EXPECT_EQ(good(store_->reseal_signing_keys(
                [](const signing_key_row& row) -> result<std::string> { return row.kid; })),
            2u);
  for (const auto& row : good(store_->list_signing_keys())) EXPECT_EQ(row.sealed, row.kid);
}

using SigningKeysInSqlite = sqlite_test;

TEST_F(SigningKeysInSqlite, AreNotSealedAnewWhileOneJoinsThem) {
  const auto kept = open();
  good(kept->insert_signing_key(signing_key_named("k1")));
  const auto other = good(open_sqlite(file(), {.busy = std::chrono::milliseconds(1)}));
  const auto fits = [&](const signing_key_row&) -> result<void> {
    EXPECT_EQ(code_of(other->reseal_signing_keys([](const auto&) { return "anew"; })),
              errc::store_failed);
    return {};
  };
  good(kept->insert_signing_key_beside(signing_key_named("k2"), fits));
  EXPECT_EQ(good(other->reseal_signing_keys([](const auto&) { return "anew"; })), 2u);
}

}  // namespace
}  // namespace filemint::store::keys_test
