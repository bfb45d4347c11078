#include "core/token.hpp"
#include "tests/unit/core/token_tools.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::token_verify_test {
namespace {

using testing::at;
using testing::jws;
using testing::make_key;

constexpr auto hs256 = token_algorithm::hs256;
constexpr auto eddsa = token_algorithm::eddsa;
constexpr auto es256 = token_algorithm::es256;
constexpr std::int64_t issued = 1'000'000, expires = 1'000'300;

class VerifyToken : public ::testing::Test {
protected:
  signing_key_ptr mac_key_ = make_key(hs256, "magikarp", "mac");
  signing_key_ptr ed_key_ = make_key(eddsa, "magikarp", "ed");
  signing_key_ptr ec_key_ = make_key(es256, "magikarp", "ec");
  key_ring keys_{{{mac_key_, key_state::active, {}},
                  {ed_key_, key_state::prepared, {}},
                  {ec_key_, key_state::prepared, {}}}};

  const std::string header_ = R"({"alg":"HS256","kid":"mac","typ":"JWT"})";
  const std::string claims_ =
      R"({"iss":"filemint","aud":"magikarp","cid":"co_xyz","akid":"k1","iat":1000000,"exp":1000300,)"
      R"("sub":"uploads/a.pdf","jti":"AAAAAAAAAAA"})";

  [[nodiscard]] result<verified_token> verify(std::string_view token, std::int64_t now = issued,
                                              int skew = 30) const {
    return verify_token(token, "filemint", "magikarp", keys_, at(now), std::chrono::seconds(skew));
  }
  [[nodiscard]] result<verified_token> verify_claims(std::string_view claims,
                                                     std::int64_t now = issued) const {
    return verify(jws(*mac_key_, header_, claims), now);
  }
  [[nodiscard]] std::string claims_with(std::string_view member, std::string_view other) const {
    auto changed = claims_;
    const auto found = changed.find(member);
    EXPECT_NE(found, changed.npos) << member;
    return changed.replace(found, member.size(), other);
  }
  static void expect(const result<verified_token>& verified, errc code, std::string_view why) {
    ASSERT_FALSE(verified) << why;
    EXPECT_EQ(verified.error().code, code) << why;
  }
  static void expect_invalid(const result<verified_token>& verified, std::string_view why) {
    expect(verified, errc::invalid_access_token, why);
  }
};

TEST_F(VerifyToken, TakesAGoodTokenOfEachAlgorithm) {
  EXPECT_TRUE(verify(jws(*mac_key_, header_, claims_)));
  EXPECT_TRUE(verify(jws(*ed_key_, R"({"alg":"EdDSA","kid":"ed","typ":"JWT"})", claims_)));
  EXPECT_TRUE(verify(jws(*ec_key_, R"({"alg":"ES256","kid":"ec","typ":"JWT"})", claims_)));
}

TEST_F(VerifyToken, TakesNoKeyForAnotherAlgorithmThanItsOwn) {
  for (const auto& key : {mac_key_, ed_key_, ec_key_}) {
    for (const auto* alg : {"HS256", "EdDSA", "ES256"}) {
      for (const auto* kid : {"mac", "ed", "ec"}) {
        const auto header =
            std::string(R"({"alg":")") + alg + R"(","kid":")" + kid + R"(","typ":"JWT"})";
        const bool own = jose_name(key->algorithm()) == alg && key->kid() == kid;
        EXPECT_EQ(verify(jws(*key, header, claims_)).has_value(), own) << key->kid() << header;
      }
    }
  }
}

TEST_F(VerifyToken, IgnoresWhatItDoesNotKnow) {
  EXPECT_TRUE(verify(jws(
      *mac_key_, R"({"typ":"JWT","jku":"https://example.com","alg":"HS256","x":[1],"kid":"mac"})",
      claims_)));
  EXPECT_TRUE(verify_claims(claims_with("{", R"({"x":{"sub":"y"},"n":null,)")));
}

TEST_F(VerifyToken, RefusesHeadersThatAreNotItsKeys) {
  for (const auto* header : {
           R"({"alg":"none","kid":"mac","typ":"JWT"})",
           R"({"alg":"None","kid":"mac","typ":"JWT"})",
           R"({"alg":"","kid":"mac","typ":"JWT"})",
           R"({"alg":"hs256","kid":"mac","typ":"JWT"})",
           R"({"alg":"HS512","kid":"mac","typ":"JWT"})",
           R"({"alg":"EdDSA","kid":"mac","typ":"JWT"})",
           R"({"alg":["HS256"],"kid":"mac","typ":"JWT"})",
           R"({"alg":null,"kid":"mac","typ":"JWT"})",
           R"({"kid":"mac","typ":"JWT"})",
           R"({"alg":"HS256","typ":"JWT"})",
           R"({"alg":"HS256","kid":"gone","typ":"JWT"})",
           R"({"alg":"HS256","kid":"","typ":"JWT"})",
           R"({"alg":"HS256","kid":1,"typ":"JWT"})",
           R"({"alg":"HS256","kid":"ed","typ":"JWT"})",
           R"({"alg":"HS256","kid":"mac"})",
           R"({"alg":"HS256","kid":"mac","typ":"jose"})",
           R"({"alg":"HS256","kid":"mac","typ":"JWT","crit":[]})",
           R"({"alg":"HS256","kid":"mac","typ":"JWT","crit":["b64"],"b64":false})",
           R"({"alg":"HS256","kid":"mac","typ":"JWT","crit":null})",
           R"({"alg":"none","alg":"HS256","kid":"mac","typ":"JWT"})",
           R"({"alg":"HS256","kid":"mac","typ":"JWT","\u006bid":"mac"})",
           R"(["HS256"])",
           R"("HS256")",
           "{}",
           "",
           "x",
           R"({"alg":"HS256","kid":"mac","typ":"JWT"}x)",
       }) {
    expect_invalid(verify(jws(*mac_key_, header, claims_)), header);
  }
}

// The attacks of RFC 8725 §2.1: the verifier must not let a token choose its algorithm.
TEST_F(VerifyToken, RefusesAMacUnderAPublicKey) {
  for (const auto& victim : {ed_key_, ec_key_}) {
    const secret public_bytes(victim->public_key());
    for (const auto& kid : {victim->kid(), mac_key_->kid()}) {
      const auto forger = signing_key::from_raw(hs256, "magikarp", kid, public_bytes).value();
      for (const auto* alg : {"HS256", "EdDSA", "ES256"}) {
        const auto header =
            std::string(R"({"alg":")") + alg + R"(","kid":")" + kid + R"(","typ":"JWT"})";
        expect_invalid(verify(jws(*forger, header, claims_)), header);
      }
    }
  }
}

TEST_F(VerifyToken, RefusesATokenWithoutASignature) {
  for (const auto* header :
       {R"({"alg":"none","kid":"mac","typ":"JWT"})", R"({"alg":"HS256","kid":"mac","typ":"JWT"})",
        R"({"alg":"EdDSA","kid":"ed","typ":"JWT"})"}) {
    expect_invalid(verify(base64url_encode(header) + '.' + base64url_encode(claims_) + '.'),
                   header);
  }
}

TEST_F(VerifyToken, RefusesAnotherKeysSignature) {
  const auto forger = make_key(hs256, "magikarp", "mac");
  expect_invalid(verify(jws(*forger, header_, claims_)), "another key of that name");
}

TEST_F(VerifyToken, RefusesAKeyOfAnotherSource) {
  const auto foreign = make_key(hs256, "betaimages", "mac");
  const key_ring mixed({{foreign, key_state::active, {}}});
  expect_invalid(verify_token(jws(*foreign, header_, claims_), "filemint", "magikarp", mixed,
                              at(issued), std::chrono::seconds(30)),
                 "a key of betaimages in magikarp's ring");
  expect_invalid(verify_token(jws(*mac_key_, header_, claims_), "filemint", "betaimages", keys_,
                              at(issued), std::chrono::seconds(30)),
                 "magikarp's token at betaimages");
}

TEST_F(VerifyToken, RefusesAChangeAtAnyByte) {
  for (const auto& [key, header] :
       {std::pair{mac_key_, header_},
        std::pair{ed_key_, std::string(R"({"alg":"EdDSA","kid":"ed","typ":"JWT"})")}}) {
    const auto token = jws(*key, header, claims_);
    ASSERT_TRUE(verify(token));
    for (std::size_t i = 0; i < token.size(); ++i) {
      for (const char c : {'A', '_', '.', '=', ' ', '\0'}) {
        auto changed = token;
        changed[i] = c;
        if (changed != token) expect_invalid(verify(changed), changed);
      }
      expect_invalid(verify(std::string(token).erase(i, 1)), "a byte less");
      expect_invalid(verify(std::string(token).insert(i, 1, 'A')), "a byte more");
    }
    for (std::size_t size = 0; size < token.size(); ++size) {
      expect_invalid(verify(token.substr(0, size)), "cut");
    }
  }
}

TEST_F(VerifyToken, RefusesOtherSerialisations) {
  const auto token = jws(*mac_key_, header_, claims_);
  const auto dot = token.find('.'), last = token.rfind('.');
  for (const auto& bad : {
           std::string(),
           std::string("."),
           std::string(".."),
           std::string("..."),
           token + ".",
           "." + token,
           token + "=",
           token + "\n",
           " " + token,
           "Bearer " + token,
           token + "." + token,
           token.substr(0, dot),
           token.substr(0, last),
           token.substr(dot),
           token.substr(0, dot) + ".." + token.substr(last + 1),
           R"({"protected":")" + token.substr(0, dot) + R"("})",
       }) {
    expect_invalid(verify(bad), bad);
  }
}

TEST_F(VerifyToken, RefusesWhatIsOver8KiB) {
  const auto padded = [&](std::size_t spaces) {
    return jws(*mac_key_, header_, claims_ + std::string(spaces, ' '));
  };
  std::size_t spaces = 5'000;
  while (padded(spaces + 1).size() <= max_token_bytes) ++spaces;
  EXPECT_GT(padded(spaces).size(), max_token_bytes - 3);
  EXPECT_TRUE(verify(padded(spaces)));
  expect_invalid(verify(padded(spaces + 1)), "over 8 KiB");
}

TEST_F(VerifyToken, RefusesClaimsThatAreNotAsTheyMustBe) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {R"("iss":"filemint")", R"("iss":"other")"},
      {R"("iss":"filemint")", R"("iss":"filemint2")"},
      {R"("iss":"filemint",)", ""},
      {R"("iss":"filemint")", R"("iss":["filemint"])"},
      {R"("aud":"magikarp")", R"("aud":"betaimages")"},
      {R"("aud":"magikarp",)", ""},
      {R"("aud":"magikarp")", R"("aud":["magikarp"])"},
      {R"("cid":"co_xyz",)", ""},
      {R"("cid":"co_xyz")", R"("cid":"")"},
      {R"("cid":"co_xyz")", R"("cid":7)"},
      {R"("akid":"k1",)", ""},
      {R"("akid":"k1")", R"("akid":null)"},
      {R"("sub":"uploads/a.pdf",)", ""},
      {R"("sub":"uploads/a.pdf")", R"("sub":"")"},
      {R"("sub":"uploads/a.pdf")", R"("sub":{"sub":"uploads/a.pdf"})"},
      {R"(,"jti":"AAAAAAAAAAA")", ""},
      {R"("jti":"AAAAAAAAAAA")", R"("jti":0)"},
      {R"("iat":1000000,)", ""},
      {R"("iat":1000000)", R"("iat":"1000000")"},
      {R"("iat":1000000)", R"("iat":1000000.0)"},
      {R"("iat":1000000)", R"("iat":1e6)"},
      {R"("iat":1000000)", R"("iat":-1)"},
      {R"("exp":1000300,)", ""},
      {R"("exp":1000300)", R"("exp":"1000300")"},
      {R"("exp":1000300)", R"("exp":1000300.5)"},
      {R"("exp":1000300)", R"("exp":true)"},
      {R"("exp":1000300)", R"("exp":253402300800)"},
      {R"("exp":1000300)", R"("exp":9223372036854775807)"},
      {R"("exp":1000300)", R"("exp":18446744073709551615)"},
      {R"("exp":1000300)", R"("exp":1000300,"exp":2000000)"},
      {R"("sub":"uploads/a.pdf")", R"("sub":"uploads/a.pdf","s\u0075b":"uploads/b.pdf")"},
      {"}", R"(,"method":"POST"})"},
      {"}", R"(,"method":""})"},
      {"}", R"(,"method":null})"},
      {"}", R"(,"method":["GET"]})"},
      {"}", R"(,"filename":1})"},
      {"}", R"(,"filename":null})"},
      {"}", ""},
      {"}", "}}"},
      {"{", "[{"},
      {"uploads", "\xff"},
  };
  for (const auto& [member, other] : bad) {
    const auto claims = claims_with(member, other);
    expect_invalid(verify_claims(claims), claims);
  }
}

TEST_F(VerifyToken, HonoursANarrowerMethod) {
  const auto get = verify_claims(claims_with("}", R"(,"method":"GET"})"));
  ASSERT_TRUE(get);
  EXPECT_TRUE(get->allows("GET"));
  EXPECT_FALSE(get->allows("HEAD"));
  const auto head = verify_claims(claims_with("}", R"(,"method":"HEAD"})"));
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->allows("HEAD"));
  EXPECT_FALSE(head->allows("GET"));
  EXPECT_FALSE(head->allows(""));
}

TEST_F(VerifyToken, ExpiresTheSecondAfterItsTimeAndTheSkew) {
  const auto token = jws(*mac_key_, header_, claims_);
  EXPECT_TRUE(verify(token, expires, 0));
  expect(verify(token, expires + 1, 0), errc::expired_access_token, "skew 0");
  EXPECT_TRUE(verify(token, expires + 30, 30));
  expect(verify(token, expires + 31, 30), errc::expired_access_token, "skew 30");
}

TEST_F(VerifyToken, IsNotValidBeforeItsTimeLessTheSkew) {
  const auto token = jws(*mac_key_, header_, claims_);
  EXPECT_TRUE(verify(token, issued, 0));
  expect_invalid(verify(token, issued - 1, 0), "skew 0");
  EXPECT_TRUE(verify(token, issued - 30, 30));
  expect_invalid(verify(token, issued - 31, 30), "skew 30");
}

TEST_F(VerifyToken, TellsExpiryOnlyOfATokenThatIsGoodOtherwise) {
  const auto late = expires + 1'000;
  const auto forger = make_key(hs256, "magikarp", "mac");
  expect(verify(jws(*mac_key_, header_, claims_), late), errc::expired_access_token, "good");
  expect_invalid(verify(jws(*forger, header_, claims_), late), "forged");
  expect_invalid(verify_claims(claims_with("filemint", "other"), late), "another issuer");
  expect_invalid(verify_claims(claims_with(R"("sub":"uploads/a.pdf",)", ""), late), "no path");
}

TEST_F(VerifyToken, FollowsItsKeysState) {
  const auto token = jws(*mac_key_, header_, claims_);
  const auto with = [&](std::vector<ring_entry> entries) {
    return verify_token(token, "filemint", "magikarp", key_ring(std::move(entries)),
                        at(issued + 10), std::chrono::seconds(0));
  };
  EXPECT_TRUE(with({{mac_key_, key_state::active, {}}}));
  EXPECT_TRUE(with({{mac_key_, key_state::prepared, {}}}));
  EXPECT_TRUE(with({{mac_key_, key_state::retiring, at(issued + 11)}}));
  expect_invalid(with({{mac_key_, key_state::retiring, at(issued + 10)}}), "its time has come");
  expect_invalid(with({{ed_key_, key_state::active, {}}}), "gone");
  expect_invalid(with({}), "no keys");
}

}  // namespace
}  // namespace filemint::token_verify_test
