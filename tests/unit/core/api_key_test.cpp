#include "core/api_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::api_key_test {
namespace {

// The checksum was computed with Python's zlib.crc32.
const std::string key = "fm_AbCdEfGhIjKl_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg_45SmU5";

TEST(ApiKey, HasThePartsOfItsForm) {
  const auto made = api_key::generate();
  const auto text = made.text().reveal();
  EXPECT_EQ(text.size(), api_key_size);
  const auto parsed = api_key::parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, made.id());
  EXPECT_EQ(parsed->id.size(), api_key_id_size);
  EXPECT_EQ(parsed->secret.size(), api_key_secret_size);
  EXPECT_EQ(api_key::hash_secret(parsed->secret), made.secret_hash());
}

TEST(ApiKey, IsNeverTheSame) {
  const auto one = api_key::generate(), other = api_key::generate();
  EXPECT_NE(one.id(), other.id());
  EXPECT_NE(one.secret_hash(), other.secret_hash());
}

TEST(ApiKey, ParsesAKnownKey) {
  const auto parsed = api_key::parse(key);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, "AbCdEfGhIjKl");
  EXPECT_EQ(parsed->secret, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg");
}

TEST(ApiKey, RefusesAnyOtherCharacterAtEachPosition) {
  for (std::size_t at = 0; at < key.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      auto other = key;
      other[at] = static_cast<char>(c);
      EXPECT_EQ(api_key::parse(other).has_value(), other == key) << at << " " << c;
    }
  }
}

TEST(ApiKey, RefusesWhatIsNotAKey) {
  const std::vector<std::string> bad{
      "",
      "fm_",
      "fm___",
      key.substr(0, key.size() - 1),
      key + "A",
      key + " ",
      " " + key,
      key.substr(1) + "A",
      key.substr(0, key.rfind('_')),
      std::string(api_key_size, '_'),
      std::string(api_key_size, '\0'),
      std::string(api_key_size, 'A'),
      // right checksums over characters that a key does not have
      "fm_AbCdEfGhIjK-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg_2qfMZ3",
      "fm_AbCdEfGhIjKl_0123456789ABCDEFGHIJ_LMNOPQRSTUVWXYZabcdefg_448sBa",
      "FM_AbCdEfGhIjKl_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg_29O6db",
  };
  for (const auto& text : bad) EXPECT_FALSE(api_key::parse(text)) << text;
}

}  // namespace
}  // namespace filemint::api_key_test
