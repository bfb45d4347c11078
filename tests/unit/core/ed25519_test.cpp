#include "core/crypto/ed25519.hpp"

#include "tests/unit/core/hex.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>

namespace filemint::ed25519_test {
namespace {

using testing::from_hex;
using testing::to_hex;

std::string text_of(const ed25519_signature& signature) {
  return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

// RFC 8032 §7.1, test 2
const auto seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const auto public_key =
    from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
const auto signature_of_72 =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

TEST(Ed25519, GivesThePublishedSignature) {
  const auto key = ed25519_key::from_seed(seed);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->public_key(), public_key);
  EXPECT_EQ(key->seed().reveal(), seed);
  EXPECT_EQ(to_hex(key->sign("\x72")), signature_of_72);
  EXPECT_TRUE(key->verify("\x72", from_hex(signature_of_72)));
}

TEST(Ed25519, RefusesOtherSignaturesAndMessages) {
  const auto key = ed25519_key::generate();
  const auto signature = text_of(key.sign("message"));
  EXPECT_TRUE(key.verify("message", signature));
  EXPECT_FALSE(key.verify("massage", signature));
  EXPECT_FALSE(ed25519_key::generate().verify("message", signature));
  EXPECT_FALSE(key.verify("message", ""));
  EXPECT_FALSE(key.verify("message", signature.substr(0, 63)));
  EXPECT_FALSE(key.verify("message", signature + '\0'));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto flipped = signature;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(key.verify("message", flipped)) << i;
  }
  EXPECT_EQ(ERR_peek_error(), 0u) << "an error is left for the thread's next TLS call";
}

TEST(Ed25519, TakesASeedOf32BytesOnly) {
  for (const std::size_t size : {0u, 31u, 33u, 64u}) {
    EXPECT_FALSE(ed25519_key::from_seed(std::string(size, 'x'))) << size;
  }
}

TEST(Ed25519, ComesBackFromItsSeed) {
  const auto key = ed25519_key::generate();
  const auto again = ed25519_key::from_seed(key.seed().reveal());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key.public_key());
}

}  // namespace
}  // namespace filemint::ed25519_test
