#include "core/crypto/aes_gcm.hpp"

#include "tests/unit/core/hex.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>

namespace filemint::aes_gcm_test {
namespace {

using testing::from_hex;

// The Galois/Counter Mode of Operation (McGrew, Viega), test cases 13 and 16, as sealed here:
// nonce, ciphertext, tag.
TEST(AesGcm, OpensThePublishedVectors) {
  const auto nothing =
      aes_gcm_open(std::string(32, '\0'), "",
                   std::string(12, '\0') + from_hex("530f8afbc74536b9a963b4f1c4cb738b"));
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->empty());

  const auto opened =
      aes_gcm_open(from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
                   from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
                   from_hex("cafebabefacedbaddecaf888"
                            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                            "76fc6ece0f4e1768cddf8853bb2d551b"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(),
            from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"));
}

const std::string key(32, 'k');

TEST(AesGcm, OpensWhatItSealed) {
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 32u, 1000u}) {
    const std::string plaintext(size, 'p');
    const auto sealed = aes_gcm_seal(key, "aad", plaintext);
    EXPECT_EQ(sealed.size(), gcm_nonce_size + size + gcm_tag_size);
    const auto opened = aes_gcm_open(key, "aad", sealed);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(opened->reveal(), plaintext);
  }
}

TEST(AesGcm, DrawsANonceForEachSeal) {
  const auto nonce = [](const std::string& sealed) { return sealed.substr(0, gcm_nonce_size); };
  EXPECT_NE(nonce(aes_gcm_seal(key, "", "x")), nonce(aes_gcm_seal(key, "", "x")));
}

TEST(AesGcm, RefusesAnotherKeyOrAad) {
  const auto sealed = aes_gcm_seal(key, "aad", "plaintext");
  EXPECT_FALSE(aes_gcm_open(std::string(32, 'K'), "aad", sealed));
  EXPECT_FALSE(aes_gcm_open(key, "aaD", sealed));
  EXPECT_FALSE(aes_gcm_open(key, "", sealed));
  EXPECT_EQ(ERR_peek_error(), 0u) << "an error is left for the thread's next TLS call";
}

TEST(AesGcm, RefusesAFlippedBitAndACutEnd) {
  const auto sealed = aes_gcm_seal(key, "aad", "plaintext");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto flipped = sealed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(aes_gcm_open(key, "aad", flipped)) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(aes_gcm_open(key, "aad", std::string_view(sealed).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace filemint::aes_gcm_test
