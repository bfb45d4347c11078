#include "api/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace filemint::api::validate_test {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

parsed_request request_of(std::span<const std::string_view> paths) {
  return {.paths = paths, .path_count = paths.size(), .source = {}, .expires_in = {}};
}

constexpr source_limits limits{
    .source = "magikarp", .max_paths = 4, .default_life = 300s, .max_life = 3'600s};

class Validate : public ::testing::Test {
protected:
  using views = std::vector<std::string_view>;

  result<mint_request> validate_paths(const views& paths) {
    return validate(request_of(paths), limits, scratch_);
  }
  views minted(const views& paths) {
    const auto request = validate(request_of(paths), {.source = "magikarp"}, scratch_);
    if (!request) return {"refused"};
    views out;
    for (const auto path : request->paths) out.push_back(path.bytes());
    return out;
  }
  std::vector<std::string> offenders(const views& paths) {
    const auto request = validate_paths(paths);
    EXPECT_FALSE(request);
    EXPECT_EQ(request.error().code, errc::unprocessable_entity);
    EXPECT_EQ(request.error().details.size(), 1);
    EXPECT_EQ(request.error().details.at(0).name, "filePaths");
    return std::get<std::vector<std::string>>(request.error().details.at(0).value);
  }
  result<mint_request> with_life(std::int64_t seconds) {
    static constexpr std::string_view path = "a";
    auto request = request_of({&path, 1});
    request.expires_in = seconds;
    return validate(request, limits, scratch_);
  }

  validate_scratch scratch_;
};

std::int64_t number(const error& e, std::string_view name) {
  const auto it = std::ranges::find(e.details, name, &error_detail::name);
  return it == e.details.end() ? -1 : std::get<std::int64_t>(it->value);
}

TEST_F(Validate, KeepsGoodPathsInOrder) {
  EXPECT_THAT(minted({"b", "a", "c/d"}), ElementsAre("b", "a", "c/d"));
}

TEST_F(Validate, MintsARepeatedPathOnceWhereItStoodFirst) {
  EXPECT_THAT(minted({"b", "a", "b", "b", "c", "a"}), ElementsAre("b", "a", "c"));
}

TEST_F(Validate, TellsPathsApartThatDifferInOneByteOrInLength) {
  EXPECT_THAT(minted({"uploads/co_xyz/file_1/a.pdf", "uploads/co_xyz/file_1/b.pdf",
                      "uploads/co_xyz/file_1/a.pd", "uploads/co_xyz/file_1/a.pdf"}),
              ElementsAre("uploads/co_xyz/file_1/a.pdf", "uploads/co_xyz/file_1/b.pdf",
                          "uploads/co_xyz/file_1/a.pd"));
}

TEST_F(Validate, ComparesRepeatsByteForByte) {
  EXPECT_THAT(minted({"A", "a", "\u00e9", "e\u0301"}), ElementsAre("A", "a", "\u00e9", "e\u0301"));
}

TEST_F(Validate, CountsPathsAsSentRepeatsIncluded) {
  EXPECT_TRUE(validate_paths({"a", "a", "b", "c"}));
  const auto refused = validate_paths({"a", "a", "a", "a", "a"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::unprocessable_entity);
  EXPECT_EQ(refused.error().message, "filePaths holds more than 4 paths.");
  EXPECT_EQ(number(refused.error(), "max"), 4);
}

TEST_F(Validate, CountsPathsThatTheParserDidNotKeep) {
  const views kept{"a", "b"};
  auto request = request_of(kept);
  for (const std::size_t sent : {3U, 5U}) {
    request.path_count = sent;
    EXPECT_EQ(number(validate(request, limits, scratch_).error(), "max"), 4);
  }
}

TEST_F(Validate, GivesTheSourcesDefaultLife) {
  EXPECT_EQ(validate_paths({"a"})->expires_in, 300s);
  EXPECT_EQ(validate_paths({"a"})->source, "magikarp");
}

TEST_F(Validate, TakesLivesFromOneSecondToTheSourcesMaximum) {
  for (const auto good : {1, 60, 3'600}) {
    EXPECT_EQ(with_life(good)->expires_in.count(), good);
  }
  for (const auto bad :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{3'601},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    const auto refused = with_life(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, errc::unprocessable_entity);
    EXPECT_EQ(refused.error().message, "expiresIn must be from 1 to 3600 seconds.");
    EXPECT_EQ(number(refused.error(), "min"), 1);
    EXPECT_EQ(number(refused.error(), "max"), 3'600);
  }
}

TEST_F(Validate, NamesEveryOffenderOnceInOrder) {
  EXPECT_THAT(offenders({"/b", "good", "a//b", "/b"}), ElementsAre("/b", "a//b"));
  EXPECT_THAT(offenders({"good", ""}), ElementsAre(""));
}

TEST_F(Validate, CutsOverlongOffendersAtACharacter) {
  const std::string ascii(1'030, 'x');
  std::string split(1'023, 'y');
  split += "é";
  EXPECT_THAT(offenders({ascii, split, ascii}),
              ElementsAre(std::string(1'024, 'x'), std::string(1'023, 'y')));
}

TEST_F(Validate, NamesWhatTheStorageCannotHoldAmongTheIllegal) {
  auto of_storage = limits;
  of_storage.holds = [](file_path path) noexcept { return !path.bytes().ends_with('.'); };
  const auto offenders_of = [&](const views& paths) {
    const auto request = validate(request_of(paths), of_storage, scratch_);
    EXPECT_FALSE(request);
    EXPECT_EQ(request.error().code, errc::unprocessable_entity);
    return std::get<std::vector<std::string>>(request.error().details.at(0).value);
  };
  EXPECT_THAT(offenders_of({"b.", "good", "/a", "b."}), ElementsAre("b.", "/a"));
  EXPECT_THAT(offenders_of({"good", "b.", "a."}), ElementsAre("b.", "a."));
  const views held{"good", "b.c"};
  EXPECT_TRUE(validate(request_of(held), of_storage, scratch_));
  EXPECT_TRUE(validate_paths({"b.", "good"}));
}

TEST_F(Validate, TakesWhatTheSourcesRulesAllow) {
  auto opaque = limits;
  opaque.rules = path_rules::opaque;
  const views paths{"/a", "a//b", "100%25", "a/"};
  EXPECT_TRUE(validate(request_of(paths), opaque, scratch_));
  EXPECT_THAT(offenders(paths), ElementsAre("/a", "a//b", "100%25", "a/"));
  const views bad{"/a", "a//..", "b"};
  EXPECT_THAT(std::get<std::vector<std::string>>(
                  validate(request_of(bad), opaque, scratch_).error().details.at(0).value),
              ElementsAre("a//.."));
}

TEST_F(Validate, CountsFirstThenLooksAtTheLifeThenAtPaths) {
  const views many_and_bad{"/", "/", "/", "/", "/"};
  auto request = request_of(many_and_bad);
  request.expires_in = 0;
  EXPECT_EQ(validate(request, limits, scratch_).error().message,
            "filePaths holds more than 4 paths.");
  const views bad{"/"};
  request = request_of(bad);
  request.expires_in = 0;
  EXPECT_EQ(validate(request, limits, scratch_).error().message,
            "expiresIn must be from 1 to 3600 seconds.");
}

TEST_F(Validate, ForgetsTheRequestBefore) {
  EXPECT_THAT(minted({"a", "b", "c"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(minted({"/"}), ElementsAre("refused"));
  EXPECT_THAT(minted({"c", "a"}), ElementsAre("c", "a"));
}

RC_GTEST_PROP(ValidateProperty, KeepsTheFirstOfEachPath, ()) {
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 200));
  RC_PRE(!numbers.empty());
  std::vector<std::string> paths;
  for (const auto n : numbers) paths.push_back("uploads/co_xyz/file_" + std::to_string(n));
  std::vector<std::string_view> expected;
  for (const auto& path : paths) {
    if (std::ranges::find(expected, path) == expected.end()) expected.push_back(path);
  }
  const std::vector<std::string_view> sent(paths.begin(), paths.end());
  static validate_scratch scratch;
  const auto request = validate(request_of(sent), {.source = "magikarp"}, scratch);
  RC_ASSERT(request.has_value());
  RC_ASSERT(std::ranges::equal(request->paths, expected, {}, &file_path::bytes));
}

}  // namespace
}  // namespace filemint::api::validate_test
