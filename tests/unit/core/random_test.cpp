#include "core/crypto/random.hpp"

#include "core/crypto/base62.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>

namespace filemint::random_test {
namespace {

TEST(Random, DrawsAsManyAsAsked) {
  for (const std::size_t size : {0u, 1u, 12u, 43u, 64u, 1000u}) {
    EXPECT_EQ(random_base62(size).size(), size);
    EXPECT_EQ(random_secret(size).size(), size);
  }
}

TEST(Random, NeverDrawsTheSameTwice) {
  std::array<std::uint64_t, 1000> numbers{};
  random_numbers(numbers);
  EXPECT_EQ(std::set<std::uint64_t>(numbers.begin(), numbers.end()).size(), numbers.size());
  EXPECT_NE(random_base62(43), random_base62(43));
  EXPECT_NE(random_secret(32).reveal(), random_secret(32).reveal());
}

// 62,000 draws: each character 1,000 times on average with a standard deviation of 32. Taking the
// bytes from 248 on would give the first eight 5/4 of their share.
TEST(Random, FavoursNoCharacter) {
  std::map<char, int> counts;
  for (const char c : random_base62(62'000)) ++counts[c];
  EXPECT_EQ(counts.size(), base62_alphabet.size());
  for (const char c : base62_alphabet) {
    EXPECT_GT(counts[c], 800) << c;
    EXPECT_LT(counts[c], 1'200) << c;
  }
}

}  // namespace
}  // namespace filemint::random_test
