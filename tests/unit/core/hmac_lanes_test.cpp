// SHA256_CTX gives the state after whole blocks, which the lanes start from.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/crypto/hmac_lanes.hpp"

#include "core/crypto/hmac_sha256.hpp"
#include "tests/unit/core/hex.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::hmac_lanes_test {
namespace {

using testing::to_hex;

// What OpenSSL's HMAC() says, which shares no code with ours.
sha256_digest by_openssl(std::string_view key, std::string_view message) {
  sha256_digest mac;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, message.size(), mac.data(),
       nullptr);
  return mac;
}

sha256_words state_after(std::string_view bytes) {
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, bytes.data(), bytes.size());
  sha256_words words;
  std::ranges::copy(state.h, words.begin());
  return words;
}

std::string padded(std::string key, char pad) {
  key.resize(64, '\0');
  for (auto& c : key) c = static_cast<char>(c ^ pad);
  return key;
}

// Of a key of at most 64 bytes and whole blocks that all messages begin with.
hmac_start start_of(const std::string& key, const std::string& beginning = {}) {
  return {.inner = state_after(padded(key, 0x36) + beginning),
          .outer = state_after(padded(key, 0x5C)),
          .bytes = 64 + beginning.size()};
}

std::string random_bytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
  return bytes;
}

// By each set of instructions.
class HmacLanes : public ::testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    if (in_lanes() == nullptr) GTEST_SKIP() << "the processor does not have AVX-512";
  }
  static hmac_lanes_function in_lanes() {
    return std::string_view{GetParam()} == "any" ? hmac_lanes_by_any : hmac_lanes_by_avx512();
  }
  static std::vector<sha256_digest> macs(const hmac_start& start,
                                         std::span<const std::string> rests) {
    const std::vector<std::string_view> views(rests.begin(), rests.end());
    std::vector<sha256_digest> out(rests.size());
    in_lanes()(start, views, out);
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(By, HmacLanes, ::testing::Values("avx512", "any"),
                         [](const auto& of) { return std::string{of.param}; });

TEST_P(HmacLanes, GiveThePublishedMacs) {  // RFC 4231 §4.2 to §4.5, whose keys are short
  struct published {
    std::string key, message, mac;
  };
  for (const auto& c : {
           published{std::string(20, '\x0b'), "Hi There",
                     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
           published{"Jefe", "what do ya want for nothing?",
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
           published{std::string(20, '\xaa'), std::string(50, '\xdd'),
                     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
       }) {
    for (std::size_t count = 1; count <= hmac_lanes; ++count) {
      const std::vector<std::string> same(count, c.message);
      for (const auto& mac : macs(start_of(c.key), same)) EXPECT_EQ(to_hex(mac), c.mac);
    }
  }
}

// Any length beside any other: each message has blocks of its own number, at any place of memory.
TEST_P(HmacLanes, GiveTheMacsOfOpenSslAtAllLengths) {
  std::mt19937 random(4);
  for (std::size_t first = 0; first <= 300; ++first) {
    const auto key = random_bytes(random, 32 + first % 33);
    const auto beginning = random_bytes(random, first % 3 * 64);
    std::vector<std::string> rests{random_bytes(random, first)};
    for (auto count = 1 + random() % hmac_lanes; rests.size() < count;) {
      rests.push_back(random_bytes(random, first % 2 == 0 ? first : random() % 301));
    }
    const auto given = macs(start_of(key, beginning), rests);
    for (std::size_t i = 0; i < rests.size(); ++i) {
      ASSERT_EQ(to_hex(given[i]), to_hex(by_openssl(key, beginning + rests[i])))
          << rests[i].size() << " bytes, the " << i << "th of " << rests.size();
    }
  }
}

TEST_P(HmacLanes, GiveTheDigestsOfOpenSslAtAllLengths) {
  const auto digests =
      std::string_view{GetParam()} == "any" ? sha256_lanes_by_any : sha256_lanes_by_avx512();
  std::mt19937 random(6);
  for (std::size_t first = 0; first <= 300; ++first) {
    std::vector<std::string> messages{random_bytes(random, first)};
    for (auto count = 1 + random() % hmac_lanes; messages.size() < count;) {
      messages.push_back(random_bytes(random, first % 2 == 0 ? first : random() % 301));
    }
    const std::vector<std::string_view> views(messages.begin(), messages.end());
    std::vector<sha256_digest> given(messages.size());
    digests(views, given);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_EQ(to_hex(given[i]), to_hex(sha256(messages[i])))
          << messages[i].size() << " bytes, the " << i << "th of " << messages.size();
    }
  }
}

TEST_P(HmacLanes, WriteNoMoreThanTheyAreAskedFor) {
  for (std::size_t count = 1; count < hmac_lanes; ++count) {
    sha256_digest untouched;
    untouched.fill(0x23);
    std::vector<sha256_digest> out(hmac_lanes, untouched);
    const std::vector<std::string_view> messages(count, "Hi There");
    in_lanes()(start_of("Jefe"), messages, out);
    EXPECT_EQ(out[count - 1], by_openssl("Jefe", "Hi There"));
    for (auto i = count; i < hmac_lanes; ++i) EXPECT_EQ(out[i], untouched);
  }
}

// Few are computed one after the other, more in lanes, many in several turns.
TEST(HmacSha256, GivesForManyTogetherTheMacOfEach) {
  std::mt19937 random(5);
  const std::string key = random_bytes(random, 32);
  const hmac_sha256 hmac(key);
  for (std::size_t count = 0; count <= 3 * hmac_lanes; ++count) {
    const auto beginning = random_bytes(random, count * 5);
    const auto prefix = hmac.begin(beginning);
    std::vector<std::string> messages;
    while (messages.size() < count)
      messages.push_back(beginning + random_bytes(random, random() % 200));
    const std::vector<std::string_view> views(messages.begin(), messages.end());
    std::vector<sha256_digest> out(count);
    prefix.macs(views, out);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(to_hex(out[i]), to_hex(by_openssl(key, messages[i]))) << i << " of " << count;
      ASSERT_EQ(out[i], prefix.mac(messages[i]));
    }
  }
}

TEST(Sha256, GivesForManyTogetherTheDigestOfEach) {
  std::mt19937 random(7);
  for (std::size_t count = 0; count <= 3 * hmac_lanes; ++count) {
    std::vector<std::string> messages;
    while (messages.size() < count) messages.push_back(random_bytes(random, random() % 700));
    const std::vector<std::string_view> views(messages.begin(), messages.end());
    std::vector<sha256_digest> out(count);
    sha256_each(views, out);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out[i], sha256(messages[i]));
  }
}

}  // namespace
}  // namespace filemint::hmac_lanes_test
