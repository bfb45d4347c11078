#include "core/unicode_twins.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace filemint::unicode_twins_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(UnicodeTwins, AreTheOtherFormsOfAPath) {
  EXPECT_THAT(unicode_twins("a/caf\u00e9.txt"), ElementsAre("a/cafe\u0301.txt"));
  EXPECT_THAT(unicode_twins("a/cafe\u0301.txt"), ElementsAre("a/caf\u00e9.txt"));
  EXPECT_THAT(unicode_twins("\u00e9 e\u0301"), ElementsAre("\u00e9 \u00e9", "e\u0301 e\u0301"));
}

// UAX #15, "Normalization Forms": several marks, Hangul, a singleton.
TEST(UnicodeTwins, GoByUnicodesTables) {
  EXPECT_THAT(unicode_twins("\u1e69"), ElementsAre("s\u0323\u0307"));
  EXPECT_THAT(unicode_twins("s\u0307\u0323"), ElementsAre("\u1e69", "s\u0323\u0307"));
  EXPECT_THAT(unicode_twins("\ud55c"), ElementsAre("\u1112\u1161\u11ab"));
  EXPECT_THAT(unicode_twins("\u212b"), ElementsAre("\u00c5", "A\u030a"));
}

TEST(UnicodeTwins, KeepWhatOnlyLooksAlike) {
  EXPECT_THAT(unicode_twins("\ufb01 \u00bd \u2460"), IsEmpty()) << "no compatibility forms";
}

TEST(UnicodeTwins, AreNoneOfWhatHasOneForm) {
  for (const auto* path : {"", "a/b c%41.txt", "\u4e2d\u6587", "\U0001f600", "\u00df"}) {
    EXPECT_THAT(unicode_twins(path), IsEmpty()) << path;
  }
}

TEST(UnicodeTwins, AreNoneOfRunsOfMarksThatNobodyWrites) {
  std::string marks = "e";
  for (std::size_t i = 0; i < longest_run_of_marks; ++i) marks += i % 2 == 0 ? "\u0301" : "\u0323";
  EXPECT_FALSE(unicode_twins(marks).empty());
  EXPECT_FALSE(unicode_twins(marks + "x" + marks).empty());
  EXPECT_THAT(unicode_twins(marks + "\u0301"), IsEmpty());
}

TEST(UnicodeTwins, AreNoneOfWhatIsNotUtf8) {
  EXPECT_THAT(unicode_twins("caf\xe9"), IsEmpty());
}

}  // namespace
}  // namespace filemint::unicode_twins_test
