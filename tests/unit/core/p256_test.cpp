#include "core/crypto/p256.hpp"

#include "core/crypto/base64url.hpp"
#include "core/crypto/random.hpp"
#include "tests/unit/core/hex.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>

namespace filemint::p256_test {
namespace {

using testing::from_hex;

std::string text_of(const p256_signature& signature) {
  return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

std::string decoded(std::string_view text) {
  return base64url_decode(text).value();
}

p256_key some_key() {
  return p256_key::from_scalar(random_secret(p256_key::scalar_size).reveal()).value();
}

// RFC 7515 A.3
const auto scalar = decoded("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
const auto x = decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
const auto y = decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
const std::string message =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const auto published = decoded(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");

TEST(P256, TakesThePublishedKeyAndSignature) {
  const auto key = p256_key::from_scalar(scalar);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->public_key(), x + y);
  EXPECT_EQ(key->scalar().reveal(), scalar);
  EXPECT_TRUE(key->verify(message, published));
  EXPECT_FALSE(key->verify(message + "x", published));
}

TEST(P256, VerifiesWhatItSigns) {
  const auto key = p256_key::from_scalar(scalar);
  ASSERT_TRUE(key);
  for (int i = 0; i < 600; ++i) {  // some r or s begins with a byte that is zero
    const auto text = std::to_string(i);
    EXPECT_TRUE(key->verify(text, text_of(key->sign(text)))) << i;
  }
  EXPECT_NE(key->sign(message), key->sign(message)) << "the nonce is drawn anew";
}

TEST(P256, RefusesOtherSignaturesAndMessages) {
  const auto key = some_key();
  const auto signature = text_of(key.sign("message"));
  EXPECT_TRUE(key.verify("message", signature));
  EXPECT_FALSE(key.verify("massage", signature));
  EXPECT_FALSE(some_key().verify("message", signature));
  EXPECT_FALSE(key.verify("message", ""));
  EXPECT_FALSE(key.verify("message", signature.substr(0, 63)));
  EXPECT_FALSE(key.verify("message", signature + '\0'));
  EXPECT_FALSE(key.verify("message", std::string(64, '\0')));  // CVE-2022-21449's
  EXPECT_FALSE(key.verify("message", std::string(64, '\xff')));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto flipped = signature;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(key.verify("message", flipped)) << i;
  }
}

TEST(P256, LeavesNoErrorForTheThreadsNextTlsCall) {
  EXPECT_FALSE(some_key().verify("message", std::string(64, '\0')));
  EXPECT_FALSE(some_key().verify("message", std::string(64, '\xff')));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(P256, TakesScalarsFrom1ToTheOrderLess1) {
  const auto order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  auto last = order;
  last.back() = '\x50';
  auto one = std::string(32, '\0');
  EXPECT_FALSE(p256_key::from_scalar(one));
  one.back() = '\1';
  EXPECT_TRUE(p256_key::from_scalar(one));
  EXPECT_EQ(p256_key::from_scalar(one)->scalar().reveal(), one);
  EXPECT_TRUE(p256_key::from_scalar(last));
  EXPECT_FALSE(p256_key::from_scalar(order));
  for (const std::size_t size : {0u, 31u, 33u, 64u}) {
    EXPECT_FALSE(p256_key::from_scalar(std::string(size, 'x'))) << size;
  }
}

}  // namespace
}  // namespace filemint::p256_test
