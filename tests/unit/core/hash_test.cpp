#include "core/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace filemint::hash_test {
namespace {

TEST(Hash, IsTheSameForTheSameBytesAndSeed) {
  const hash_seed seed{1, 2};
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string a(size, 'a');
    const std::string b = a;
    EXPECT_EQ(hash_bytes(a, seed), hash_bytes(b, seed));
  }
}

TEST(Hash, DependsOnTheSeed) {
  EXPECT_NE(hash_bytes("uploads/a", {1, 2}), hash_bytes("uploads/a", {3, 2}));
  EXPECT_NE(hash_bytes("uploads/a", {1, 2}), hash_bytes("uploads/a", {1, 4}));
}

TEST(Hash, DependsOnEachByteAndOnTheLength) {
  std::set<std::uint64_t> seen;
  std::size_t made = 0;
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string base(size, 'a');
    seen.insert(hash_bytes(base, process_hash_seed()));
    ++made;
    for (std::size_t at = 0; at < size; ++at) {
      auto other = base;
      other[at] = 'b';
      seen.insert(hash_bytes(other, process_hash_seed()));
      ++made;
    }
  }
  EXPECT_EQ(seen.size(), made);
}

TEST(Hash, SpreadsSimilarPathsOverAllSlots) {
  constexpr std::size_t slots = 1024;
  std::set<std::uint64_t> low, high;
  for (std::size_t i = 0; i < 8 * slots; ++i) {
    const auto hash =
        hash_bytes("uploads/co_xyz/file_" + std::to_string(i) + "/a.pdf", process_hash_seed());
    low.insert(hash % slots);
    high.insert(hash >> 54);
  }
  // By chance alone about 1 slot in 3,000 stays empty.
  EXPECT_GT(low.size(), slots - 20);
  EXPECT_GT(high.size(), slots - 20);
}

}  // namespace
}  // namespace filemint::hash_test
