#include "core/signing_key.hpp"

#include "core/crypto/base64url.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace filemint::signing_key_test {
namespace {

constexpr auto hs256 = token_algorithm::hs256;
constexpr auto eddsa = token_algorithm::eddsa;
constexpr auto es256 = token_algorithm::es256;

secret of(std::string bytes) {
  return secret(std::move(bytes));
}
std::string decoded(std::string_view text) {
  return base64url_decode(text).value();
}

TEST(SigningKey, VerifiesThePublishedHs256Token) {  // RFC 7515 A.1
  const auto key = signing_key::from_raw(
      hs256, "magikarp", "a1",
      of(decoded("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i"
                 "PS4hcgUuTwjAzZr1Z9CAow")));
  ASSERT_TRUE(key);
  const std::string signed_bytes =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const auto mac = decoded("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  EXPECT_TRUE((*key)->verify(signed_bytes, mac));
  EXPECT_FALSE((*key)->verify(signed_bytes + "x", mac));
  EXPECT_FALSE((*key)->verify(signed_bytes, mac.substr(0, 31)));
  EXPECT_FALSE((*key)->verify(signed_bytes, ""));
}

TEST(SigningKey, SignsThePublishedEddsaToken) {  // RFC 8037 A.1, A.2, A.4, A.5
  const auto key = signing_key::from_raw(
      eddsa, "magikarp", "a4", of(decoded("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")));
  ASSERT_TRUE(key);
  EXPECT_EQ(base64url_encode((*key)->public_key()), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  const std::string signed_bytes = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const auto signature = decoded(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  const auto made = (*key)->ed25519()->sign(signed_bytes);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(made.data()), made.size()), signature);
  EXPECT_TRUE((*key)->verify(signed_bytes, signature));
  EXPECT_FALSE((*key)->verify(signed_bytes + "x", signature));
}

TEST(SigningKey, VerifiesThePublishedEs256Token) {  // RFC 7515 A.3
  const auto key = signing_key::from_raw(
      es256, "magikarp", "a3", of(decoded("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")));
  ASSERT_TRUE(key);
  const std::string signed_bytes =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const auto signature = decoded(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_EQ((*key)->signature_size(), signature.size());
  EXPECT_TRUE((*key)->verify(signed_bytes, signature));
  EXPECT_FALSE((*key)->verify(signed_bytes + "x", signature));
}

TEST(SigningKey, IsWhatItWasMadeOf) {
  for (const auto algorithm : {hs256, eddsa, es256}) {
    const auto key = signing_key::generate(algorithm, "magikarp", "2026a").value();
    EXPECT_EQ(key->algorithm(), algorithm);
    EXPECT_EQ(key->source(), "magikarp");
    EXPECT_EQ(key->kid(), "2026a");
    EXPECT_EQ(key->raw().size(), 32u);
    EXPECT_EQ(key->hmac() != nullptr, algorithm == hs256);
    EXPECT_EQ(key->ed25519() != nullptr, algorithm == eddsa);
    EXPECT_EQ(key->p256() != nullptr, algorithm == es256);
    EXPECT_EQ(key->public_key().size(), algorithm == eddsa ? 32u : algorithm == es256 ? 64u : 0u);

    const auto again = signing_key::from_raw(algorithm, "magikarp", "2026a", key->raw()).value();
    EXPECT_EQ(again->raw().reveal(), key->raw().reveal());
    const auto other = signing_key::generate(algorithm, "magikarp", "2026a").value();
    EXPECT_NE(other->raw().reveal(), key->raw().reveal());
  }
}

TEST(SigningKey, RefusesNamesThatDoNotBelongInAHeader) {
  const std::vector<std::string> bad_kids{
      "", "a b", "a\"b", "a/b", "a\nb", "\xc3\xa4", std::string(65, 'a'), std::string(1, '\0')};
  for (const auto& kid : bad_kids) {
    const auto key = signing_key::generate(hs256, "magikarp", kid);
    ASSERT_FALSE(key) << kid;
    EXPECT_EQ(key.error().code, errc::invalid_argument);
  }
  EXPECT_TRUE(signing_key::generate(hs256, "magikarp", std::string(64, 'a')));
  for (const auto* source : {"", "Magikarp", "a b", "a.b"}) {
    EXPECT_FALSE(signing_key::generate(hs256, source, "2026a")) << source;
  }
  EXPECT_FALSE(signing_key::generate(hs256, std::string(33, 'a'), "2026a"));
  EXPECT_TRUE(signing_key::generate(hs256, std::string(32, 'a'), "2026a"));
}

TEST(SigningKey, RefusesKeysOfAnotherLength) {
  const auto takes = [](token_algorithm algorithm, std::size_t size) {
    return signing_key::from_raw(algorithm, "magikarp", "2026a", of(std::string(size, 'x')))
        .has_value();
  };
  for (const std::size_t size : {0u, 16u, 31u, 65u, 128u}) EXPECT_FALSE(takes(hs256, size)) << size;
  for (const std::size_t size : {32u, 48u, 64u}) EXPECT_TRUE(takes(hs256, size)) << size;
  for (const std::size_t size : {0u, 31u, 33u, 64u}) EXPECT_FALSE(takes(eddsa, size)) << size;
  for (const std::size_t size : {0u, 31u, 33u, 64u}) EXPECT_FALSE(takes(es256, size)) << size;
}

TEST(SigningKey, KnowsItsAlgorithmsNames) {
  for (const auto algorithm : {hs256, eddsa, es256}) {
    EXPECT_EQ(algorithm_from_jose_name(jose_name(algorithm)), algorithm);
  }
  for (const auto* name : {"", "none", "hs256", "HS512", "EDDSA", "RS256"}) {
    EXPECT_EQ(algorithm_from_jose_name(name), std::nullopt) << name;
  }
}

template <class T>
concept printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!printable<signing_key> && !printable<hmac_sha256> && !printable<ed25519_key> &&
              !printable<p256_key>);

}  // namespace
}  // namespace filemint::signing_key_test
