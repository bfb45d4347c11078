// How a source is tried: what is asked of its storage, and what is found where nothing can be.
#include "src/cli/source_trial.hpp"

#include "src/cli/credential_files.hpp"
#include "tests/unit/http/temporary_tree.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

namespace filemint::cli::source_trial_test {
namespace {

constexpr const char* key_id = "AKIAIOSFODNN7EXAMPLE";
constexpr const char* secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

class SourceTrial : public ::testing::Test {
protected:
  SourceTrial() {
    put("id", key_id);
    put("secret", secret_key);
    source_.bucket.name = "stored-files";
    source_.bucket.endpoint = "http://10.0.0.7:9000";
    source_.bucket.public_endpoint = "https://files.example";
    source_.bucket.access_key_id = reference("id");
    source_.bucket.secret_access_key = reference("secret");
    source_.bucket.addressing = bucket_addressing::path;
  }
  void put(const char* name, const char* text) const { std::ofstream(tree_.root() / name) << text; }
  std::string reference(const char* name) const { return "file:" + (tree_.root() / name).string(); }

  std::vector<finding> run(std::string path) {
    const asker ask = [this](backends::remote_request request) {
      asked_.push_back(std::move(request));
      return answer_;
    };
    config settings;
    settings.sources = {source_};
    return try_storage({.settings = settings,
                        .source = source_,
                        .path = std::move(path),
                        .ask = ask,
                        .now = wall_time{std::chrono::seconds{1'784'000'000}}});
  }

  const http::temporary_tree tree_;
  source_config source_{.name = "objects", .type = source_type::s3};
  std::vector<backends::remote_request> asked_;
  actors::fetch_outcome answer_ = backends::remote_answer{.status = 206};
};

TEST_F(SourceTrial, AsksBothEndpointsForTheFirstByte) {
  const auto found = run("uploads/a b.txt");
  ASSERT_EQ(asked_.size(), 2u);
  EXPECT_EQ(asked_[0].to, (backends::remote_origin{true, "files.example", 443}));
  EXPECT_EQ(asked_[1].to, (backends::remote_origin{false, "10.0.0.7", 9'000}));
  for (const auto& each : asked_) {
    EXPECT_EQ(each.method, "GET");
    EXPECT_TRUE(each.target.starts_with("/stored-files/uploads/a%20b.txt?X-Amz-Algorithm="));
    ASSERT_EQ(each.fields.size(), 1u);
    EXPECT_EQ(each.fields[0].name, "Range");
    EXPECT_EQ(each.fields[0].value, "bytes=0-0");
  }
  EXPECT_NE(asked_[0].target, asked_[1].target) << "signed for another host";
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].about, "credentials");
  EXPECT_EQ(found[1].about, "download");
  EXPECT_EQ(found[2].about, "endpoint");
  for (const auto& each : found) EXPECT_EQ(each.how, verdict::good);

  source_.bucket.endpoint = source_.bucket.public_endpoint;
  EXPECT_EQ(run("a").size(), 2u) << "one endpoint is asked once";
}

TEST_F(SourceTrial, TellsNoSecretAndNoToken) {
  answer_ = backends::remote_answer{.status = 403, .body = secret_key};
  for (const auto& each : run("a")) {
    for (const auto* hidden : {key_id, secret_key, "X-Amz-Signature"}) {
      EXPECT_EQ(each.says.find(hidden), std::string::npos) << each.says;
    }
  }
}

TEST_F(SourceTrial, WithoutAPathANameIsAskedForThatNoFileHas) {
  answer_ = backends::remote_answer{.status = 404, .body = "<Code>NoSuchKey</Code>"};
  const auto found = run("");
  EXPECT_EQ(found[1].about, "signature");
  EXPECT_EQ(found[1].how, verdict::good);
}

TEST_F(SourceTrial, AsksNothingWhereNothingCanBeSigned) {
  EXPECT_EQ(run("/a")[1].about, "path");
  source_.bucket.secret_access_key = reference("none");
  const auto found = run("a");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].about, "credentials");
  EXPECT_EQ(found[0].how, verdict::bad);
  EXPECT_NE(found[0].says.find("sources.objects.secret_access_key"), std::string::npos);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(SourceTrial, CredentialsAreReadBeforeAStart) {
  config settings;
  settings.sources = {source_, {.name = "magikarp"}};
  EXPECT_TRUE(find_credential_problems(settings, "f.yaml").empty());
  settings.sources[0].bucket.access_key_id = "env:FILEMINT_NOT_SET";
  auto problems = find_credential_problems(settings, "f.yaml");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(problems[0].text().starts_with("f.yaml: sources.objects.access_key_id: "));
  put("key", "no base64 !");
  settings.sources[0] = {.name = "blobs", .type = source_type::azure};
  settings.sources[0].bucket.account_key = reference("key");
  problems = find_credential_problems(settings, "f.yaml");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].text().find("no base64 !"), std::string::npos);
}

}  // namespace
}  // namespace filemint::cli::source_trial_test
