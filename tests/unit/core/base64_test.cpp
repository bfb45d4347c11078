#include "core/crypto/base64.hpp"

#include "core/crypto/base64url.hpp"
#include "core/crypto/base64url_encoders.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::base64_test {
namespace {

using namespace std::string_literals;

const std::vector<std::pair<std::string, std::string>> base64url_pairs{
    {"", ""},  // RFC 4648 §10, without its padding
    {"f", "Zg"},
    {"fo", "Zm8"},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg"},
    {"fooba", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy"},
    {"\x03\xec\xff\xe0\xc1"s, "A-z_4ME"},  // RFC 7515 C
    {"\xff\xff\xff"s, "____"},
    {"\xfb\xef\xbe"s, "----"},
    {"\0\0\0\0\0\0\0\0\0"s, "AAAAAAAAAAAA"},
};

TEST(Base64url, WritesAndReadsThePublishedPairs) {
  for (const auto& [bytes, text] : base64url_pairs) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(base64url_size(bytes.size()), text.size());
    EXPECT_EQ(base64url_decode(text), bytes) << text;
  }
}

TEST(Base64url, RefusesWhatIsNotTheOneTextOfItsBytes) {
  const std::vector<std::string> bad{
      "Zg==",  "Zm8=", "Zm9v=",
      "=",  // padding
      "A+z/",  "Zm 9", "Zm9v\n", "Zm9v\0"s, "Zm.v", "\xff\xff\xff\xff"s, "Zm9vY\xc3\xa4"s, "A",
      "Zm9vY",  // no bytes have that length
      "Zh",    "Zn",   "Z_",     "Zm9",     "Zm-",
      "Zm_",  // bits behind the last byte
  };
  for (const auto& text : bad) EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
}

TEST(Base64url, RefusesEachByteThatIsNotInItsAlphabet) {
  for (int c = 0; c < 256; ++c) {
    const bool in_alphabet = std::string_view(
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-_")
                                 .contains(static_cast<char>(c));
    for (std::size_t at = 0; at < 8; ++at) {
      auto text = "AAAAAAAA"s;
      text[at] = static_cast<char>(c);
      EXPECT_EQ(base64url_decode(text).has_value(), in_alphabet || c == 'A') << c;
    }
  }
}

// RFC 4648 §5, bit by bit.
std::string encoded_naively(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::size_t six_bits = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto byte = static_cast<unsigned char>(bytes[bit / 8]);
    six_bits = six_bits * 2 + (byte >> (7 - bit % 8) & 1U);
    if (bit % 6 != 5) continue;
    out += alphabet[std::exchange(six_bits, 0)];
  }
  if (const auto left = bytes.size() * 8 % 6; left != 0) out += alphabet[six_bits << (6 - left)];
  return out;
}

class Base64urlEncoder : public ::testing::TestWithParam<base64url_encoder> {};

// Blocks, groups and rests are written by different code: each size has another mix of them.
TEST_P(Base64urlEncoder, AgreesWithANaiveOneAtEverySize) {
  std::mt19937 numbers{2026};
  for (std::size_t size = 0; size <= 200; ++size) {
    for (int round = 0; round < 8; ++round) {
      std::string bytes(size, '\0');
      for (auto& byte : bytes) byte = static_cast<char>(numbers());
      const auto expected = encoded_naively(bytes);
      std::string room(expected.size() + 2, '#');
      ASSERT_EQ(GetParam().encode(bytes, room.data() + 1), room.data() + 1 + expected.size());
      ASSERT_EQ(room, '#' + expected + '#') << size;
      ASSERT_EQ(base64url_decode(expected), bytes) << size;
    }
  }
}

TEST_P(Base64urlEncoder, EncodesInPlaceFromTheEndOfItsRoom) {
  std::mt19937 numbers{2026};
  for (std::size_t size = 0; size <= 400; ++size) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(numbers());
    std::string room(base64url_size(size), '\0');
    const auto at = room.size() - size;
    room.replace(at, size, bytes);
    const char* const end = GetParam().encode(std::string_view(room).substr(at), room.data());
    ASSERT_EQ(end, room.data() + room.size());
    ASSERT_EQ(room, encoded_naively(bytes)) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(ByEach, Base64urlEncoder, ::testing::ValuesIn(base64url_encoders()),
                         [](const auto& of) {
                           std::string name{of.param.name};
                           std::erase(name, '-');
                           return name;
                         });

TEST(Base64url, IsWrittenByAnEncoderThatRunsAnywhereWhenThereIsNoOther) {
  EXPECT_EQ(base64url_encoders().back().name, "tables");
}

RC_GTEST_PROP(Base64url, ReadsBackWhatItWrote, (const std::string& bytes)) {
  const auto text = base64url_encode(bytes);
  RC_ASSERT(text.size() == base64url_size(bytes.size()));
  RC_ASSERT(base64url_decode(text) == bytes);
}

secret of(std::string text) {
  return secret(std::move(text));
}

TEST(Base64, WritesAndReadsThePublishedPairs) {  // RFC 4648 §10
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xbf"s, "+/+/"},
  };
  for (const auto& [bytes, text] : pairs) {
    EXPECT_EQ(base64_encode(of(bytes)).reveal(), text);
    const auto read = base64_decode(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->reveal(), bytes);
    const auto unpadded = base64_decode(std::string_view(text).substr(0, text.find('=')));
    ASSERT_TRUE(unpadded) << text;
    EXPECT_EQ(unpadded->reveal(), bytes);
  }
}

TEST(Base64, RefusesEverythingElse) {
  for (const auto* text : {"A-z_", "Zg=", "Zg===", "Z===", "====", "=", "Zm8==", "Zm9v=",
                           "Zm9v====", "Zh==", "Zm9=", " Zg==", "Zg==\n", "Zg= =", "Zm=v"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

}  // namespace
}  // namespace filemint::base64_test
