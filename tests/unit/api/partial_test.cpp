// A partial call: what fails alone, and what is left when nothing does not.
#include "api/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::api::partial_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
using views = std::vector<std::string_view>;

class Partial : public ::testing::Test {
protected:
  result<mint_request> validate_paths(const views& paths, bool partial = true) {
    return validate({.paths = paths,
                     .path_count = paths.size(),
                     .source = {},
                     .expires_in = life,
                     .partial = partial},
                    {.source = "magikarp",
                     .max_paths = 6,
                     .holds = [](file_path path) noexcept { return !path.bytes().ends_with('.'); }},
                    scratch_);
  }
  result<void> fail(mint_request& request, errc code, const std::vector<std::size_t>& which) {
    return fail_paths(request, code, which, scratch_);
  }
  static views left_of(const mint_request& request) {
    views out;
    for (const auto path : request.paths) out.push_back(path.bytes());
    return out;
  }
  static std::vector<std::string> told(const error& of) {
    return std::get<std::vector<std::string>>(of.details.at(0).value);
  }

  std::optional<std::int64_t> life;

private:
  validate_scratch scratch_;
};

TEST_F(Partial, KeepsTheLegalPathsInOrderAndListsTheOthersOnce) {
  const auto request = validate_paths({"b", "/x", "a", "dot.", "/x", "b"});
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->partial);
  EXPECT_THAT(left_of(*request), ElementsAre("b", "a"));
  ASSERT_EQ(request->failed.size(), 1u);
  EXPECT_EQ(request->failed[0].code, errc::unprocessable_entity);
  EXPECT_THAT(request->failed[0].paths, ElementsAre("/x", "dot."));
}

TEST_F(Partial, ListsNothingWhenAllIsWell) {
  const auto request = validate_paths({"b", "a"});
  ASSERT_TRUE(request);
  EXPECT_THAT(request->failed, IsEmpty());
}

TEST_F(Partial, IsTheWholeCallsErrorWhenNoPathIsLegal) {
  for (const auto& paths : {views{"/x", "dot.", "/x"}, views{"/x"}, views{"dot."}}) {
    const auto refused = validate_paths(paths);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unprocessable_entity);
    EXPECT_EQ(told(refused.error()), told(validate_paths(paths, false).error()));
  }
}

TEST_F(Partial, FailsWholeForWhatIsNoPathsFault) {
  EXPECT_FALSE(validate_paths({"a", "b", "c", "d", "e", "f", "g"}));
  life = 0;
  EXPECT_FALSE(validate_paths({"a"}));
}

TEST_F(Partial, IsAsBeforeWithoutTheWord) {
  EXPECT_FALSE(validate_paths({"a", "/x"}, false));
  auto whole = validate_paths({"a", "b", "c"}, false);
  ASSERT_TRUE(whole);
  EXPECT_TRUE(fail(*whole, errc::forbidden, {}));
  const auto refused = fail(*whole, errc::forbidden, {0, 2});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::forbidden);
  EXPECT_THAT(told(refused.error()), ElementsAre("a", "c"));
}

TEST_F(Partial, SetsAsideWhatLaterChecksRefuse) {
  auto request = validate_paths({"a", "b", "/x", "c", "d", "e"});
  ASSERT_TRUE(request);
  ASSERT_TRUE(fail(*request, errc::forbidden, {0, 2, 4}));
  EXPECT_THAT(left_of(*request), ElementsAre("b", "d"));
  ASSERT_TRUE(fail(*request, errc::resource_not_found, {1}));
  EXPECT_THAT(left_of(*request), ElementsAre("b"));
  ASSERT_EQ(request->failed.size(), 3u);
  EXPECT_THAT(request->failed[0].paths, ElementsAre("/x"));
  EXPECT_EQ(request->failed[1].code, errc::forbidden);
  EXPECT_THAT(request->failed[1].paths, ElementsAre("a", "c", "e"));
  EXPECT_EQ(request->failed[2].code, errc::resource_not_found);
  EXPECT_THAT(request->failed[2].paths, ElementsAre("d"));
}

TEST_F(Partial, EndsWithTheFirstCheckThatFailedWhenNothingIsLeft) {
  auto some_illegal = validate_paths({"a", "/x", "b"});
  ASSERT_TRUE(some_illegal);
  ASSERT_TRUE(fail(*some_illegal, errc::forbidden, {1}));
  const auto by_paths = fail(*some_illegal, errc::resource_not_found, {0});
  ASSERT_FALSE(by_paths);
  EXPECT_EQ(by_paths.error().code, errc::unprocessable_entity);
  EXPECT_EQ(by_paths.error().message, "filePaths holds paths that are not legal.");
  EXPECT_THAT(told(by_paths.error()), ElementsAre("/x"));

  auto all_legal = validate_paths({"a", "b"});
  ASSERT_TRUE(all_legal);
  ASSERT_TRUE(fail(*all_legal, errc::forbidden, {0}));
  const auto by_grants = fail(*all_legal, errc::resource_not_found, {0});
  ASSERT_FALSE(by_grants);
  EXPECT_EQ(by_grants.error().code, errc::forbidden);
  EXPECT_THAT(told(by_grants.error()), ElementsAre("a"));
}

TEST(WriteFailed, GivesEachCodeItsPathsInValidJson) {
  EXPECT_EQ(write_failed({}), "[]");
  const std::vector<failed_paths> failed{{errc::unprocessable_entity, {"/a", "\"\n\xff"}},
                                         {errc::forbidden, {"b"}},
                                         {errc::resource_not_found, {"c"}}};
  EXPECT_EQ(write_failed(failed), R"([{"code":"UNPROCESSABLE_ENTITY","filePaths":["/a","\"\n)"
                                  "\xef\xbf\xbd"
                                  R"("]},{"code":"FORBIDDEN","filePaths":["b"]},)"
                                  R"({"code":"RESOURCE_NOT_FOUND","filePaths":["c"]}])");
}

// ---- `download`

class Download : public ::testing::Test {
protected:
  result<mint_request> validate_with(const attachments& download, std::size_t count = 0,
                                     bool signs = true) {
    return validate({.paths = paths,
                     .path_count = paths.size(),
                     .source = {},
                     .expires_in = {},
                     .partial = true,
                     .download = download,
                     .download_count = count == 0 ? download.named().size() : count},
                    {.source = "magikarp", .signs_attachments = signs}, scratch_);
  }
  static void expect_refused(const result<mint_request>& refused, std::string_view message,
                             const std::vector<std::string>& named) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unprocessable_entity);
    EXPECT_EQ(refused.error().message, message);
    EXPECT_EQ(std::get<std::string>(refused.error().details.at(0).value), "download");
    EXPECT_EQ(std::get<std::vector<std::string>>(refused.error().details.at(1).value), named);
  }

  views paths{"a", "b", "/illegal"};

private:
  validate_scratch scratch_;
};

TEST_F(Download, IsHandedOn) {
  EXPECT_TRUE(validate_with({})->saved_as.none());
  EXPECT_FALSE(validate_with(attachments::of_all())->saved_as.none());
  const std::vector<file_name> names{{"/illegal", "i"}, {"a", "report.pdf"}};
  const auto request = validate_with(attachments{names});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->saved_as.name_of(request->paths[0]), "report.pdf");
  EXPECT_EQ(request->saved_as.name_of(request->paths[1]), std::nullopt);
}

TEST_F(Download, IsRefusedWhereItCannotBeSigned) {
  const auto refused = validate_with(attachments::of_all(), 0, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::unprocessable_entity);
  EXPECT_EQ(std::get<std::string>(refused.error().details.at(0).value), "download");
  EXPECT_TRUE(validate_with({}, 0, false));
}

TEST_F(Download, NamesPathsOfTheCallAlone) {
  const std::vector<file_name> names{{"A", "1"}, {"a", "2"}, {"c", "3"}};
  const auto* const message = "download names paths that filePaths does not hold.";
  expect_refused(validate_with(attachments{names}), message, {"A", "c"});
  const std::vector<file_name> kept{{"a", "2"}};
  expect_refused(validate_with(attachments{kept}, 2), message, {});
}

TEST_F(Download, HoldsNamesThatFilesCanHave) {
  const std::vector<file_name> names{{"/illegal", "x\ny"}, {"a", "good"}, {"b", ""}};
  expect_refused(validate_with(attachments{names}), "download holds names that no file can have.",
                 {"/illegal", "b"});
}

}  // namespace
}  // namespace filemint::api::partial_test
