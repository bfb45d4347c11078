#include "core/grants.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace filemint::grants_test {
namespace {

struct covering {
  std::vector<std::string> prefixes;
  std::string path;
  bool covered;
};

class PrefixSet : public ::testing::TestWithParam<covering> {};

TEST_P(PrefixSet, CoversWholeSegmentsOnly) {
  const auto path = file_path::make(GetParam().path, path_rules::opaque);
  ASSERT_TRUE(path);
  EXPECT_EQ(prefix_set(GetParam().prefixes).covers(*path), GetParam().covered);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PrefixSet,
    ::testing::Values(
        covering{{"uploads/co_x"}, "uploads/co_x/file.pdf", true},
        covering{{"uploads/co_x"}, "uploads/co_xyz/file.pdf", false},
        covering{{"uploads/co_x"}, "uploads/co_xyz", false},
        covering{{"uploads/co_x"}, "uploads/co_x", true},
        covering{{"uploads/co_x/"}, "uploads/co_x", true},
        covering{{"uploads/co_x/"}, "uploads/co_x/file.pdf", true},
        covering{{"a/b"}, "a/b/c", true}, covering{{"a/b/c"}, "a/b", false},
        covering{{"a/b"}, "a", false}, covering{{"a/b"}, "b/a/b", false},
        covering{{"a/b"}, "A/b", false}, covering{{"a"}, "a!b", false},  // '!' sorts before '/'
        covering{{"a", "a!b"}, "a/z", true},  // and between the prefix and the path
        covering{{"a", "a/b", "a/b/c"}, "a/z", true}, covering{{"a/c", "a/b"}, "a/b/x", true},
        covering{{"b", "d", "f"}, "e", false}, covering{{""}, "anything/at/all", true},
        covering{{"", "a"}, "b", true}, covering{{"/"}, "a", false},
        covering{{"a//"}, "a/b", false}, covering{{"\xc3\xa9"}, "\xc3\xa9/x", true},
        covering{{"a"}, "\xff", false}, covering{{}, "a", false}));

// Empty segments are segments, and no byte stands for others.
INSTANTIATE_TEST_SUITE_P(
    OpaquePaths, PrefixSet,
    ::testing::Values(covering{{"uploads/co_x"}, "uploads/co_x/", true},
                      covering{{"uploads/co_x"}, "uploads/co_x//", true},
                      covering{{"uploads/co_x"}, "uploads/co_x//a", true},
                      covering{{"uploads/co_x"}, "uploads/co_x/%2e%2e/a", true},
                      covering{{"uploads/co_x"}, "/uploads/co_x/a", false},
                      covering{{"uploads/co_x"}, "uploads//co_x/a", false},
                      covering{{"uploads/co_x"}, "uploads%2fco_x/a", false},
                      covering{{"uploads/co_x"}, "uploads/co%5fx/a", false},
                      covering{{"uploads/co_x"}, "uploads/co_xyz//a", false},
                      covering{{"uploads/co_x"}, "uploads/co_x%2fa", false},
                      covering{{"/uploads/co_x"}, "/uploads/co_x/a", true},
                      covering{{"/uploads/co_x"}, "/uploads/co_x", true},
                      covering{{"/uploads/co_x"}, "uploads/co_x/a", false},
                      covering{{"/uploads/co_x"}, "//uploads/co_x/a", false},
                      covering{{"/uploads/co_x"}, "/uploads/co_xyz/a", false},
                      covering{{"a//b"}, "a//b/c", true}, covering{{"a//b"}, "a/b/c", false},
                      covering{{"a//b"}, "a//bc", false}, covering{{"a", "a//b"}, "a/c", true},
                      covering{{"a%25"}, "a%25/b", true}, covering{{"a%25"}, "a%/b", false},
                      covering{{"/a", "a"}, "/b", false}, covering{{"a"}, "/", false},
                      covering{{""}, "/", true}));

bool covers_naively(const std::vector<std::string>& prefixes, const std::string& path) {
  return std::ranges::any_of(prefixes, [&](std::string prefix) {
    if (prefix.empty()) return true;
    if (prefix.back() != '/') prefix.push_back('/');
    return (path + '/').starts_with(prefix);
  });
}

// Few letters and short segments, some of them empty, so that prefixes meet paths; '!' and '0'
// stand on either side of '/'.
rc::Gen<std::string> some_path(int most_segments) {
  const auto segment =
      rc::gen::resize(3, rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab!0"))));
  const auto segments = rc::gen::mapcat(rc::gen::inRange(1, most_segments + 1), [=](int count) {
    return rc::gen::container<std::vector<std::string>>(static_cast<std::size_t>(count), segment);
  });
  return rc::gen::map(segments, [](const std::vector<std::string>& parts) {
    std::string path;
    for (const auto& part : parts) path += "/" + part;
    return path.substr(1);
  });
}

RC_GTEST_PROP(PrefixSetProperty, AgreesWithTheNaiveCheck, ()) {
  // None ends with an empty segment: no store keeps one.
  const auto prefixes = *rc::gen::container<std::vector<std::string>>(rc::gen::suchThat(
      some_path(3), [](const std::string& each) { return !each.empty() && each.back() != '/'; }));
  const prefix_set set(prefixes);
  const auto covered = [&](const std::string& path) {
    return set.covers(*file_path::make(path, path_rules::opaque));
  };
  for (const auto& path : *rc::gen::container<std::vector<std::string>>(20, some_path(4))) {
    if (!path.empty()) RC_ASSERT(covered(path) == covers_naively(prefixes, path));
  }
  for (const auto& prefix : prefixes) RC_ASSERT(covered(prefix));
}

TEST(Grants, KnowOnlyTheSourcesThatWereGranted) {
  const grants granted({{"magikarp", prefix_set({"uploads/co_x"})}, {"empty", prefix_set()}});
  ASSERT_NE(granted.on("magikarp"), nullptr);
  EXPECT_TRUE(granted.on("magikarp")->covers(*file_path::make("uploads/co_x/a")));
  EXPECT_EQ(granted.on("betaimages"), nullptr);
  EXPECT_EQ(granted.on("empty"), nullptr);
  EXPECT_EQ(grants{}.on("magikarp"), nullptr);
}

}  // namespace
}  // namespace filemint::grants_test
