#include "core/existence_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace filemint::existence_cache_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

TEST(ExistenceCache, KnowsWhatItWasToldForItsLife) {
  existence_cache cache{{.entries = 10, .life = 30s}};
  EXPECT_EQ(cache.find("a", at(0s)), std::nullopt);
  cache.put("a", true, at(0s));
  EXPECT_EQ(cache.find("a", at(30s - 1ns)), true);
  EXPECT_EQ(cache.find("a", at(30s)), std::nullopt) << "looking it up makes it live no longer";
  EXPECT_EQ(cache.size(), 0u);
}

TEST(ExistenceCache, KnowsWhatIsMissingForASecondAtMost) {
  struct row {
    std::chrono::milliseconds life, of_missing;
  };
  for (const auto& [life, of_missing] : {row{30s, 1s}, row{1s, 1s}, row{200ms, 200ms}}) {
    existence_cache cache{{.entries = 10, .life = life}};
    cache.put("a", false, at(0s));
    EXPECT_EQ(cache.find("a", at(of_missing - 1ns)), false);
    EXPECT_EQ(cache.find("a", at(of_missing)), std::nullopt);
  }
}

TEST(ExistenceCache, TakesTheLatestWord) {
  existence_cache cache{{.entries = 10, .life = 30s}};
  cache.put("a", false, at(0s));
  cache.put("a", true, at(900ms));
  EXPECT_EQ(cache.find("a", at(30s)), true);
  cache.put("a", false, at(30s));
  EXPECT_EQ(cache.find("a", at(30s)), false);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(ExistenceCache, DropsWhatWasNotAskedForTheLongest) {
  existence_cache cache{{.entries = 2, .life = 30s}};
  cache.put("a", true, at(0s));
  cache.put("b", true, at(0s));
  EXPECT_EQ(cache.find("a", at(1s)), true);
  cache.put("c", true, at(2s));
  EXPECT_EQ(cache.find("b", at(2s)), std::nullopt);
  EXPECT_EQ(cache.find("a", at(2s)), true);
  EXPECT_EQ(cache.find("c", at(2s)), true);
}

TEST(ExistenceCache, KeepsFilesThatExistWhateverNamesAreInvented) {
  existence_cache cache{{.entries = 2 * existence_cache::most_missing, .life = 30s}};
  cache.put("file", true, at(0s));
  for (std::size_t i = 0; i < 3 * existence_cache::most_missing; ++i) {
    cache.put("invented" + std::to_string(i), false, at(0s));
  }
  EXPECT_EQ(cache.find("file", at(0s)), true);
  EXPECT_EQ(cache.size(), 1 + existence_cache::most_missing);
}

TEST(ExistenceCache, KeepsNothingWithoutRoomOrLife) {
  for (const auto& terms :
       {existence_terms{.entries = 0, .life = 30s}, existence_terms{.entries = 10, .life = 0s}}) {
    existence_cache cache{terms};
    cache.put("a", true, at(0s));
    EXPECT_EQ(cache.find("a", at(0s)), std::nullopt);
    EXPECT_EQ(cache.size(), 0u);
  }
}

TEST(ExistenceCache, TakesUpOtherTermsAtOnce) {
  existence_cache cache{{.entries = 3, .life = 30s}};
  for (const auto* path : {"a", "b", "c"}) cache.put(path, true, at(0s));
  cache.set_terms({.entries = 2, .life = 5s});
  EXPECT_EQ(cache.find("a", at(1s)), std::nullopt);
  EXPECT_EQ(cache.find("b", at(1s)), true);
  EXPECT_EQ(cache.find("c", at(5s)), std::nullopt);
  cache.set_terms({});
  EXPECT_EQ(cache.size(), 0u);
}

// Against a list of all that was said.
RC_GTEST_PROP(ExistenceCache, AgreesWithANaiveList,
              (const std::vector<std::tuple<std::uint8_t, std::uint16_t, bool>>& steps)) {
  struct known {
    std::string path;
    mono_time told;
    bool exists;
  };
  constexpr existence_terms terms{.entries = 5, .life = 3s};
  existence_cache cache{terms};
  std::vector<known> list;  // the latest asked for last
  auto now = at(0s);
  for (const auto& [what, gap, exists] : steps) {
    now += std::chrono::milliseconds{gap % 700};
    const std::string path(1, static_cast<char>('a' + what % 8));
    const auto found = std::ranges::find(list, path, &known::path);
    if (what % 3 == 0) {
      std::optional<bool> expected;
      if (found != list.end()) {
        auto each = *found;
        list.erase(found);
        if (now - each.told < (each.exists ? 3s : 1s)) {
          expected = each.exists;
          list.push_back(each);
        }
      }
      RC_ASSERT(cache.find(path, now) == expected);
    } else {
      if (found != list.end()) list.erase(found);
      if (std::ranges::count(list, exists, &known::exists) == terms.entries) {
        list.erase(std::ranges::find(list, exists, &known::exists));
      }
      list.push_back({path, now, exists});
      cache.put(path, exists, now);
    }
    RC_ASSERT(cache.size() == list.size());
  }
}

}  // namespace
}  // namespace filemint::existence_cache_test
