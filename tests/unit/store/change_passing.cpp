#include "tests/unit/store/change_passing.hpp"

namespace filemint::store {

void ChangePassing::expect_same_known() const {
  const auto a = a_.known(), b = b_.known();
  EXPECT_EQ(b->change, a->change);
  ASSERT_EQ(b->people.key_count(), a->people.key_count());
  for (std::size_t shard = 0; shard < directory::shard_count; ++shard) {
    a->people.each_key_of_shard(shard, [&](const api_key_record& key) {
      const auto* told = b->people.find_key(key.id_view());
      ASSERT_NE(told, nullptr) << key.id_view();
      EXPECT_EQ(told->secret_hash, key.secret_hash);
      EXPECT_EQ(told->expires_at, key.expires_at);
      EXPECT_EQ(told->scope, key.scope);
      EXPECT_EQ(told->throttle, key.throttle);
      EXPECT_EQ(b->people.company_of(*told).id, a->people.company_of(key).id);
    });
  }
  for (std::uint32_t i = 0; i < a->people.company_count(); ++i) {
    const auto& company = a->people.company_at(i);
    const auto* told = b->people.find_company(company.id);
    ASSERT_NE(told, nullptr) << company.id;
    EXPECT_EQ(told->suspended, company.suspended);
    EXPECT_EQ(told->window_limit, company.window_limit);
    EXPECT_EQ(told->token_limit, company.token_limit);
    EXPECT_EQ(told->throttle, company.throttle);
    const auto& granted = company.granted.by_source();
    ASSERT_EQ(told->granted.by_source().size(), granted.size());
    for (const auto& [source, prefixes] : granted) {
      EXPECT_EQ(told->granted.on(source)->prefixes(), prefixes.prefixes());
    }
  }
  ASSERT_EQ(b->signing.size(), a->signing.size());
  for (const auto& [source, ring] : a->signing) {
    const auto& told = b->signing.at(source).entries();
    ASSERT_EQ(told.size(), ring.entries().size());
    for (std::size_t i = 0; i < told.size(); ++i) {
      EXPECT_EQ(told[i].key->kid(), ring.entries()[i].key->kid());
      EXPECT_EQ(told[i].state, ring.entries()[i].state);
      EXPECT_EQ(told[i].retire_at, ring.entries()[i].retire_at);
    }
  }
  auto all = a->revoked.all(), told = b->revoked.all();
  std::ranges::sort(all, {}, &revocation::value);
  std::ranges::sort(told, {}, &revocation::value);
  EXPECT_EQ(told, all);
}

void ChangePassing::change_everything() const {
  good(cli_->add_company(company_named("co_y")));
  good(cli_->set_company_limits("co_y", {7, 8, {.per_day = 9, .rate = 10, .burst = 11}}));
  good(cli_->add_grant({"co_y", "magikarp", "uploads/a", at(1'000)}));
  good(cli_->add_grant({"co_y", "betaimages", "", at(1'000)}));
  good(cli_->set_suspended("co_x", true));
  auto key = key_numbered(2, "co_y");
  key.expires_at = at(9'000);
  key.scope = scope_health;
  key.throttle = {.per_day = 1, .rate = 2, .burst = 3};
  good(cli_->add_key(key));
  good(cli_->revoke_key(key_id(1), at(1'500)));
  good(cli_->insert_signing_key(signing_key_named("k2")));
  good(cli_->activate_signing_key({.kid = "k2", .at = at(2'000), .overlap = 60s}));
  good(cli_->revoke_tokens({.kind = revocation_kind::company, .value = "co_x", .at = at(2'000)}));
  good(cli_->revoke_tokens({.kind = revocation_kind::prefix,
                            .source = "magikarp",
                            .value = "uploads/b",
                            .at = at(2'000)}));
}

}  // namespace filemint::store
