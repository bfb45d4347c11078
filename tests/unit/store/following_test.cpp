#include "tests/unit/store/fixture.hpp"

#include <vector>

namespace filemint::store::following_test {
namespace {

// A node's store, and the CLI's beside it.
class Following : public store_test {
protected:
  Following() {
    good(cli_->add_company(company_named("co_x")));
    good(cli_->add_grant({"co_x", "magikarp", "uploads/co_x", at(1'000)}));
    good(cli_->add_key(key_numbered(1, "co_x")));
    good(cli_->add_key(key_numbered(2, "co_x")));
    good(cli_->revoke_key(key_id(2), at(1'500)));
    good(cli_->insert_signing_key(signing_key_named("k1", "magikarp", key_state::active)));
    all_ = good(node_->load({}));
  }
  std::optional<delta> changes() { return good(node_->changes_since(all_.at)); }

  std::unique_ptr<store> cli_ = open();
  std::unique_ptr<store> node_ = open(role::node);
  contents all_;
};

FOR_EACH_STORE(Following);

TEST_P(Following, BeginsWithEverythingThatCounts) {
  const auto* key = all_.people.find_key(key_id(1));
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->secret_hash, key_numbered(1, "co_x").secret_hash);
  EXPECT_EQ(key->scope, scope_all);
  EXPECT_EQ(key->expires_at, 0u);
  const auto& company = all_.people.company_of(*key);
  EXPECT_EQ(company.id, "co_x");
  EXPECT_TRUE(company.granted.on("magikarp")->covers(*file_path::make("uploads/co_x/a")));
  EXPECT_EQ(all_.people.find_key(key_id(2)), nullptr) << "revoked";
  ASSERT_EQ(all_.signing_keys.size(), 1u);
  EXPECT_EQ(all_.signing_keys[0].kid, "k1");
  EXPECT_EQ(all_.at.number, good(cli_->change_number()));
}

TEST_P(Following, SeesNothingWhereNothingChanged) {
  const auto seen = changes();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->at, all_.at);
  good(cli_->list_companies());
  EXPECT_EQ(changes()->at, all_.at);
}

TEST_P(Following, SeesWhatChangedAndNothingElse) {
  good(cli_->add_company(company_named("co_y")));
  good(cli_->set_suspended("co_x", true));
  good(cli_->add_grant({"co_x", "betaimages", "", at(2'000)}));
  auto expiring = key_numbered(3, "co_y");
  expiring.expires_at = at(9'000);
  good(cli_->add_key(expiring));
  good(cli_->revoke_key(key_id(1), at(2'000)));
  const auto seen = changes();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->at.number, all_.at.number + 5);
  ASSERT_EQ(seen->companies.size(), 2u);
  EXPECT_EQ(seen->companies[0].id, "co_x");
  EXPECT_TRUE(seen->companies[0].suspended);
  EXPECT_NE(seen->companies[0].granted.on("magikarp"), nullptr);
  EXPECT_NE(seen->companies[0].granted.on("betaimages"), nullptr);
  EXPECT_EQ(seen->companies[1].id, "co_y");
  ASSERT_EQ(seen->keys.size(), 1u);
  EXPECT_EQ(seen->keys[0].id, key_id(3));
  EXPECT_EQ(seen->keys[0].expires_at, at(9'000));
  EXPECT_EQ(seen->revoked_keys, std::vector{key_id(1)});
  EXPECT_FALSE(seen->signing_keys);
}

TEST_P(Following, SeesEachKindOfChange) {
  const auto seen_after = [&](const result<void>& change) {
    good(change);
    auto seen = changes().value();
    EXPECT_EQ(seen.at.number, all_.at.number + 1);
    all_.at = seen.at;
    return seen;
  };
  EXPECT_EQ(seen_after(cli_->set_window_limit("co_x", 7)).companies[0].window_limit, 7u);
  EXPECT_TRUE(seen_after(cli_->set_suspended("co_x", true)).companies[0].suspended);
  EXPECT_FALSE(seen_after(cli_->set_suspended("co_x", false)).companies[0].suspended);
  EXPECT_EQ(seen_after(cli_->remove_grant("co_x", "magikarp", "uploads/co_x"))
                .companies[0]
                .granted.on("magikarp"),
            nullptr);
  EXPECT_EQ(seen_after(cli_->insert_signing_key(signing_key_named("k2"))).signing_keys->size(), 2u);
  EXPECT_EQ(seen_after(cli_->activate_signing_key(
                           {.kid = "k2", .at = at(2'000), .overlap = std::chrono::seconds(60)}))
                .signing_keys->at(1)
                .state,
            key_state::active);
  EXPECT_EQ(seen_after(cli_->retire_signing_key("k1", at(3'000), false)).signing_keys->size(), 1u);
  good(cli_->reseal_signing_keys([](const auto&) -> result<std::string> { return "anew"; }));
  EXPECT_EQ(changes()->signing_keys->at(0).sealed, "anew");
}

TEST_P(Following, SeesNothingOfAChangeThatFailed) {
  EXPECT_FALSE(cli_->insert_keys(std::vector{key_numbered(5, "co_x"), key_numbered(5, "co_x")}));
  EXPECT_EQ(changes()->at, all_.at);
}

TEST_P(Following, LoadsAnewWhatIsTooMuchToTell) {
  std::vector<key_row> many;
  for (std::uint64_t i = 10; i < 1'011; ++i) many.push_back(key_numbered(i, "co_x"));
  good(cli_->insert_keys(many));
  EXPECT_FALSE(changes());
  const auto again = good(node_->load(all_.people));
  EXPECT_EQ(again.people.key_count(), 1'002u);
  all_.at = again.at;
  EXPECT_EQ(changes()->at, all_.at);
}

TEST_P(Following, KeepsALogOfBoundedLength) {
  std::uint64_t next = 10;
  for (int batch = 0; batch < 11; ++batch) {
    std::vector<key_row> some;
    for (int i = 0; i < 1'000; ++i) some.push_back(key_numbered(next++, "co_x"));
    good(cli_->insert_keys(some));
    if (batch == 9) {
      EXPECT_EQ(changes()->keys.size(), 10'000u) << "as far as it reaches";
    }
  }
  EXPECT_FALSE(changes());
  EXPECT_EQ(in_->number("SELECT count(*) FROM change_log"), 10'000);
}

TEST_P(Following, LoadsAnewWhenTheNumberWentDown) {
  tamper("UPDATE meta SET change_number = change_number - 1");
  EXPECT_FALSE(changes());
}

TEST_P(Following, LoadsAnewWhenItIsAnotherStore) {
  tamper("UPDATE meta SET store_id = 'another'");
  EXPECT_FALSE(changes());
}

TEST_P(Following, SaysWhenTheStoreIsAway) {
  in_->take_away();
  EXPECT_EQ(code_of(node_->changes_since(all_.at)), in_->away_code());
  in_->bring_back();
  EXPECT_EQ(changes()->at, all_.at);
}

}  // namespace
}  // namespace filemint::store::following_test
