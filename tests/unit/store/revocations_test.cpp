#include "tests/unit/store/fixture.hpp"

#include <vector>

namespace filemint::store::revocations_test {
namespace {

using std::chrono::seconds;

class RevokingTokens : public store_test {
protected:
  RevokingTokens() {
    good(cli_->add_company(company_named("co_x")));
    good(cli_->add_key(key_numbered(1, "co_x")));
    good(cli_->note_token_life("magikarp", seconds(3'600)));
    good(cli_->note_token_life("betaimages", seconds(60)));
  }

  static revocation_order order(revocation_kind kind, std::string value, std::string source = "") {
    return {kind, std::move(source), std::move(value), at(10'000), seconds(30)};
  }

  std::unique_ptr<store> cli_ = open();
};

FOR_EACH_STORE(RevokingTokens);

TEST_P(RevokingTokens, EndsThoseThatANodeWithAFastClockHasJustIssued) {
  const auto done = good(cli_->revoke_tokens(order(revocation_kind::company, "co_x")));
  EXPECT_EQ(done, (revocation{revocation_kind::company, "", "co_x", at(10'030), at(13'660)}));
  EXPECT_EQ(good(cli_->list_revocations()), std::vector{done});
}

TEST_P(RevokingTokens, IsKeptAsLongAsTheSourcesTokensCanLive) {
  const auto beta = order(revocation_kind::path, "a/b", "betaimages");
  EXPECT_EQ(good(cli_->revoke_tokens(beta)).forget_at, at(10'030 + 60 + 30));
  const auto unknown = order(revocation_kind::path, "a/b", "notyet");
  EXPECT_EQ(good(cli_->revoke_tokens(unknown)).forget_at, at(10'030 + 7 * 86'400 + 30));
}

// Tokens that were minted before max_life was shortened live on.
TEST_P(RevokingTokens, RemembersTheLongestLifeThatASourceHad) {
  good(cli_->note_token_life("betaimages", seconds(10)));
  const auto beta = order(revocation_kind::prefix, "", "betaimages");
  EXPECT_EQ(good(cli_->revoke_tokens(beta)).forget_at, at(10'030 + 60 + 30));
  good(cli_->note_token_life("betaimages", seconds(100)));
  EXPECT_EQ(good(cli_->revoke_tokens(beta)).forget_at, at(10'030 + 100 + 30));
}

TEST_P(RevokingTokens, ReachesFurtherTheSecondTimeAndNeverBack) {
  auto asked = order(revocation_kind::prefix, "uploads/co_x/", "magikarp");
  EXPECT_EQ(good(cli_->revoke_tokens(asked)).value, "uploads/co_x");
  asked.at = at(20'000);
  EXPECT_EQ(good(cli_->revoke_tokens(asked)).issued_until, at(20'030));
  asked.at = at(19'000);
  EXPECT_EQ(good(cli_->revoke_tokens(asked)).issued_until, at(20'030));
  EXPECT_EQ(good(cli_->list_revocations()).size(), 1u);
}

TEST_P(RevokingTokens, IsForgottenOnceTheTokensHaveExpired) {
  good(cli_->revoke_tokens(order(revocation_kind::jti, "aaaaaaaaaaa")));
  auto later = order(revocation_kind::jti, "bbbbbbbbbbb");
  later.at = at(13'659);
  good(cli_->revoke_tokens(later));
  EXPECT_EQ(good(cli_->list_revocations()).size(), 2u);
  later.at = at(13'660);
  good(cli_->revoke_tokens(later));
  EXPECT_EQ(good(cli_->list_revocations()).size(), 1u);
}

TEST_P(RevokingTokens, RefusesNamesThatNobodyHas) {
  EXPECT_EQ(code_of(cli_->revoke_tokens(order(revocation_kind::company, "co_none"))),
            errc::not_found);
  EXPECT_EQ(code_of(cli_->revoke_tokens(order(revocation_kind::key, key_id(2)))), errc::not_found);
  for (const auto& asked :
       {order(revocation_kind::jti, ""), order(revocation_kind::jti, "a b"),
        order(revocation_kind::path, "a/../b", "magikarp"),
        order(revocation_kind::path, "", "magikarp"), order(revocation_kind::path, "a", "No"),
        order(revocation_kind::prefix, "a//b", "magikarp")}) {
    EXPECT_EQ(code_of(cli_->revoke_tokens(asked)), errc::invalid_argument) << asked.value;
  }
  EXPECT_TRUE(good(cli_->list_revocations()).empty());
}

TEST_P(RevokingTokens, IsSeenByANodeThatFollows) {
  const auto key = good(cli_->revoke_tokens(order(revocation_kind::key, key_id(1))));
  const auto node = open(role::node);
  const auto all = good(node->load({}));
  EXPECT_EQ(all.revoked, std::vector{key});
  const auto path = good(cli_->revoke_tokens(order(revocation_kind::path, "a/b", "magikarp")));
  const auto seen = good(node->changes_since(all.at)).value();
  EXPECT_EQ(seen.revoked, std::vector{path}) << "what is new, and nothing else";
  EXPECT_TRUE(seen.companies.empty());
}

}  // namespace
}  // namespace filemint::store::revocations_test
