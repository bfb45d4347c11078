// What a call and its source ask for, on the way through dispatcher and minter: partial calls,
// downloads, dates, rules of paths.
#include "tests/unit/actors/minter_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace filemint::actors::mint_terms_test {
namespace {

using namespace std::chrono_literals;
using json = nlohmann::ordered_json;

class PartialCall : public testing::minter_test {
protected:
  static std::string body(const std::vector<std::string>& paths) {
    return testing::body_of(paths, R"(,"partial":true)");
  }
  static json data_of(const sent_call& call) { return json::parse(call->body()).at("data"); }
  static std::vector<std::string> minted_by(const sent_call& call) {
    std::vector<std::string> paths;
    const auto data = data_of(call);
    for (const auto& [path, token] : data.at("access_tokens").items()) {
      EXPECT_EQ(token, path);  // of the scripted backend
      paths.push_back(path);
    }
    return paths;
  }
};

using paths = std::vector<std::string>;

TEST_F(PartialCall, MintsWhatItCanAndListsTheRest) {
  settings.sources[0].check_exists = true;
  start();
  const auto call = post(body({"/x", "uploads/co_xyz/a", "other/a", "uploads/co_xyz/gone",
                               "uploads/co_xyz/b", "other/a", "uploads/co_xyz/a"}));
  ASSERT_EQ(files.questions.size(), 1u);
  EXPECT_EQ(files.questions[0].paths,
            (paths{"uploads/co_xyz/a", "uploads/co_xyz/gone", "uploads/co_xyz/b"}))
      << "nobody learns whether a file exists that they may not read";
  files.answer(std::vector<std::size_t>{1});
  run();
  ASSERT_TRUE(call->ok());
  EXPECT_EQ(minted_by(call), (paths{"uploads/co_xyz/a", "uploads/co_xyz/b"}));
  EXPECT_EQ(data_of(call).at("failed"), json::parse(R"([
    {"code":"UNPROCESSABLE_ENTITY","filePaths":["/x"]},
    {"code":"FORBIDDEN","filePaths":["other/a"]},
    {"code":"RESOURCE_NOT_FOUND","filePaths":["uploads/co_xyz/gone"]}])"));
  EXPECT_EQ(call->notes.paths, 2u);
  EXPECT_EQ(signer.signed_paths, 2);
}

TEST_F(PartialCall, ListsNothingWhenNothingFailed) {
  start();
  const auto call = post(body({"uploads/co_xyz/a"}));
  ASSERT_TRUE(call->ok());
  EXPECT_EQ(data_of(call).at("failed"), json::array());
  EXPECT_FALSE(data_of(post()).contains("failed")) << "of a call that is not partial";
}

TEST_F(PartialCall, EndsWithTheFirstCheckThatFailedWhenNothingIsLeft) {
  settings.sources[0].check_exists = true;
  start();
  const auto illegal = post(body({"other/a", "/x"}));
  EXPECT_EQ(illegal->code(), errc::unprocessable_entity);
  EXPECT_EQ(illegal->listed("filePaths"), paths{"/x"});
  const auto foreign = post(body({"other/a", "other/b"}));
  EXPECT_EQ(foreign->code(), errc::forbidden);
  EXPECT_EQ(foreign->listed("filePaths"), (paths{"other/a", "other/b"}));
  EXPECT_TRUE(files.questions.empty());

  const auto gone = post(body({"uploads/co_xyz/a"}));
  files.answer(std::vector<std::size_t>{0});
  const auto gone_or_foreign = post(body({"uploads/co_xyz/a", "other/a"}));
  files.answer(std::vector<std::size_t>{0});
  run();
  EXPECT_EQ(gone->code(), errc::resource_not_found);
  EXPECT_EQ(gone->listed("filePaths"), paths{"uploads/co_xyz/a"});
  EXPECT_EQ(gone_or_foreign->code(), errc::forbidden);
  EXPECT_EQ(gone_or_foreign->listed("filePaths"), paths{"other/a"});
  EXPECT_EQ(signer.signed_paths, 0);
}

TEST_F(PartialCall, FailsWholeForWhatIsNoPathsFault) {
  settings.sources[0].check_exists = true;
  start();
  EXPECT_EQ(post(R"({"filePaths":["uploads/co_xyz/a"],"partial":true,"source":"no"})")->code(),
            errc::invalid_payload);
  const auto call = post(body({"uploads/co_xyz/a", "/x"}));
  files.answer(fail(errc::service_unavailable));
  run();
  EXPECT_EQ(call->code(), errc::service_unavailable);
}

TEST_F(PartialCall, OfManyPathsIsSignedInItsChunks) {
  signer.paths_a_chunk = 10;
  start();
  auto many = testing::paths_numbered(100);
  const auto granted = many;
  for (std::size_t i = 0; i < many.size(); i += 3)
    many.insert(many.begin() + static_cast<std::ptrdiff_t>(i), "other/" + std::to_string(i));
  const auto call = post(body(many));
  ASSERT_TRUE(call->ok());
  EXPECT_EQ(minted_by(call), granted);
  EXPECT_EQ(data_of(call).at("failed").at(0).at("filePaths").size(), many.size() - 100);
}

// ---- `download`, `backdate` and `path_rules`, as they reach the backend

TEST_F(PartialCall, OrNoneIsRefusedADownloadThatItsBackendCannotSign) {
  start();
  const auto refused = post(R"({"filePaths":["uploads/co_xyz/a"],"download":true})");
  EXPECT_EQ(refused->code(), errc::unprocessable_entity);
  EXPECT_EQ(*refused->detail<std::string>("field"), "download");
  EXPECT_TRUE(post(R"({"filePaths":["uploads/co_xyz/a"],"download":false})")->ok());
}

class Terms : public testing::minter_test {
protected:
  verified_token token_of(const sent_call& call, const std::string& path) {
    const auto token =
        json::parse(call->body()).at("data").at("access_tokens").at(path).get<std::string>();
    return verify_token(token, settings.mint.issuer, "magikarp", known().signing.at("magikarp"),
                        clock.wall, 0s)
        .value();
  }
};

TEST_F(Terms, HaveADownloadSigned) {
  put_signing_keys();
  start();
  const std::string a = "uploads/co_xyz/a.pdf", b = "uploads/co_xyz/b.pdf";
  const auto all = post(testing::body_of({a, b}, R"(,"download":true)"));
  EXPECT_EQ(token_of(all, a).file_name(), "a.pdf");
  EXPECT_EQ(token_of(all, b).file_name(), "b.pdf");
  const auto one =
      post(testing::body_of({a, b}, R"(,"download":{"uploads/co_xyz/b.pdf":"é.pdf"})"));
  EXPECT_EQ(token_of(one, a).file_name(), std::nullopt);
  EXPECT_EQ(token_of(one, b).file_name(), "é.pdf");
}

TEST_F(Terms, AreDatedBackAndEndWhenTheyWouldAnyway) {
  settings.sources[0].backdate = 90s;
  put_signing_keys();
  start();
  const auto token = token_of(post(), "uploads/co_xyz/a");
  EXPECT_EQ(token.issued_at(), clock.wall - 90s);
  EXPECT_EQ(token.expires_at(), clock.wall + 300s);
}

TEST_F(Terms, TakeTheSourcesPathRules) {
  settings.sources[0].rules = path_rules::opaque;
  start();
  EXPECT_TRUE(post(testing::body_of({"uploads/co_xyz//a%2f/"}))->ok());
  EXPECT_EQ(post(testing::body_of({"/uploads/co_xyz/a"}))->code(), errc::forbidden);
  EXPECT_EQ(post(testing::body_of({"uploads/co_xyz/../b"}))->code(), errc::unprocessable_entity);
}

}  // namespace
}  // namespace filemint::actors::mint_terms_test
