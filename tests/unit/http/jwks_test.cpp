#include "http/routes/jwks.hpp"

#include "core/crypto/base64url.hpp"
#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace filemint::http::jwks_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

signing_key_ptr key(std::string kid, token_algorithm algorithm = token_algorithm::eddsa) {
  const secret raw{std::string(32, kid.front())};
  return *signing_key::from_raw(algorithm, "magikarp", std::move(kid), raw);
}

class Jwks : public ::testing::Test {
protected:
  nlohmann::json keys() { return nlohmann::json::parse(body()).at("keys"); }
  std::string body() { return std::get<std::string>(serve_jwks(world_.view()).body); }
  std::vector<std::string> kids() {
    std::vector<std::string> all;
    for (const auto& one : keys()) all.push_back(one.at("kid"));
    return all;
  }
  void put(std::vector<ring_entry> entries) {
    world_.known.signing["magikarp"] = key_ring(std::move(entries));
  }

  world world_;  // its own keys are HS256's
};

TEST_F(Jwks, IsASetWithoutKeysWhereAllAreSecret) {
  EXPECT_EQ(body(), R"({"keys":[]})");
}

TEST_F(Jwks, TellsAPublicKeyAsRfc8037Does) {
  const auto made = key("a-1");
  put({{made, key_state::active, {}}});
  const auto all = keys();
  ASSERT_EQ(all.size(), 1u);
  const nlohmann::json expected{{"kty", "OKP"}, {"crv", "Ed25519"},
                                {"use", "sig"}, {"alg", "EdDSA"},
                                {"kid", "a-1"}, {"x", base64url_encode(made->public_key())}};
  EXPECT_EQ(all[0], expected);
  EXPECT_THAT(body(), Not(HasSubstr(base64url_encode(made->raw().reveal()))));
  EXPECT_THAT(body(), Not(HasSubstr(R"("d")")));
}

TEST_F(Jwks, TellsAPublicKeyOnP256AsRfc7518Does) {
  const auto made = key("a-2", token_algorithm::es256);
  put({{made, key_state::active, {}}});
  const auto all = keys();
  ASSERT_EQ(all.size(), 1u);
  const auto point = made->public_key();
  const nlohmann::json expected{{"kty", "EC"},
                                {"crv", "P-256"},
                                {"use", "sig"},
                                {"alg", "ES256"},
                                {"kid", "a-2"},
                                {"x", base64url_encode(point.substr(0, 32))},
                                {"y", base64url_encode(point.substr(32))}};
  EXPECT_EQ(all[0], expected);
  EXPECT_THAT(body(), Not(HasSubstr(base64url_encode(made->raw().reveal()))));
}

TEST_F(Jwks, HoldsEveryKeyThatMayVerify) {
  put({{key("a"), key_state::active, {}},
       {key("b"), key_state::prepared, {}},
       {key("c"), key_state::retiring, world_.at.wall + std::chrono::seconds(1)},
       {key("d"), key_state::retiring, world_.at.wall},
       {key("e", token_algorithm::hs256), key_state::prepared, {}}});
  EXPECT_THAT(kids(), ElementsAre("a", "b", "c"));
}

TEST_F(Jwks, MayBeKeptForAsLongAsIsConfigured) {
  world_.settings.mint.jwks_max_age = std::chrono::seconds(42);
  const auto r = serve_jwks(world_.view());
  EXPECT_EQ(r.fields, "Cache-Control: public, max-age=42\r\n");
  EXPECT_EQ(r.content_type, "application/jwk-set+json");
}

}  // namespace
}  // namespace filemint::http::jwks_test
