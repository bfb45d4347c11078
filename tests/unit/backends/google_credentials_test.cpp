// Against the answers that Google publishes ("About VM metadata", "Access tokens"; IAM Service
// Account Credentials API, signBlob).
#include "backends/credentials/google.hpp"
#include "backends/gcs.hpp"
#include "core/crypto/base64.hpp"
#include "tests/unit/backends/renewals.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

namespace filemint::backends::google_credentials_test {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::HasSubstr;

constexpr const char* email = "signer+1@project.iam.gserviceaccount.com";
constexpr const char* token_answer =
    R"({"access_token":"ya29.c.Kp","expires_in":3599,"token_type":"Bearer"})";

remote_answer of_google(unsigned status, std::string body) {
  auto made = answered(status, std::move(body));
  made.fields.push_back({"metadata-flavor", "Google"});
  return made;
}

class GoogleCredentials : public ::testing::Test {
protected:
  void start(std::string sign_as = {}) {
    renewal_ = renew_by_metadata_server({false, "metadata.google.internal", 80}, std::move(sign_as),
                                        [this](blob_signatory who) {
                                          came_.emplace(std::move(who));
                                          return std::make_shared<const idle_backend>();
                                        });
    begun_ = renewal_->begin(now);
    ASSERT_TRUE(begun_);
  }

  std::unique_ptr<renewal> renewal_;
  result<remote_request> begun_;
  std::optional<blob_signatory> came_;
};

TEST_F(GoogleCredentials, TheMachinesAccountIsAskedForAndThenAToken) {
  start();
  EXPECT_EQ(begun_->target, "/computeMetadata/v1/instance/service-accounts/default/email");
  EXPECT_EQ(field_of(*begun_, "Metadata-Flavor"), "Google");
  const auto token = request_of(*renewal_, of_google(200, std::string{email} + "\n"));
  EXPECT_EQ(token.to, (remote_origin{false, "metadata.google.internal", 80}));
  EXPECT_EQ(token.target, "/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_EQ(field_of(token, "Metadata-Flavor"), "Google");
  auto end = step(*renewal_, of_google(200, token_answer));
  const auto* const came = std::get_if<renewed>(&end);
  ASSERT_NE(came, nullptr);
  EXPECT_EQ(came->ends, now + 3'599s);
  EXPECT_EQ(came->tokens_end, wall_time::max()) << "what was signed outlives who asked for it";
  ASSERT_TRUE(came_);
  EXPECT_EQ(came_->email, email);
  EXPECT_EQ(came_->access_token.reveal(), "ya29.c.Kp");
}

TEST_F(GoogleCredentials, AnAccountThatIsNamedIsNotAskedFor) {
  start("other@project.iam.gserviceaccount.com");
  EXPECT_THAT(begun_->target, HasSubstr("/default/token"));
  EXPECT_EQ(end_of(*renewal_, of_google(200, token_answer)), now + 3'599s);
  EXPECT_EQ(came_->email, "other@project.iam.gserviceaccount.com");
}

TEST_F(GoogleCredentials, AMachineThatGetsNoneSaysWhy) {
  start();
  EXPECT_EQ(error_of(*renewal_, of_google(404, "")),
            "the metadata server knows no account: the machine has none");
  EXPECT_EQ(error_of(*renewal_, of_google(503, "")), "the metadata server answered 503");
  EXPECT_EQ(error_of(*renewal_, answered(200, email)), "the metadata server is not Google's");
  for (const auto* bad : {"", "nobody", "a@b\r\nX-Other: c", "a @b"}) {
    start();
    auto next = step(*renewal_, of_google(200, bad));
    EXPECT_TRUE(std::holds_alternative<std::string>(next)) << bad;
  }
  for (const auto* bad :
       {"", "[]", R"({"access_token":"a","expires_in":"3599"})", R"({"access_token":"a"})",
        R"({"access_token":"a","expires_in":0})", R"({"access_token":"a","expires_in":999999999})",
        R"({"access_token":"a","expires_in":1.5})", R"({"expires_in":3599})",
        R"({"access_token":"a b","expires_in":3599})"}) {
    start(email);
    auto next = step(*renewal_, of_google(200, bad));
    EXPECT_TRUE(std::holds_alternative<std::string>(next)) << bad;
  }
  EXPECT_FALSE(came_);
}

// ---- what signs by it

service_account known_account() {
  std::ifstream in{std::filesystem::path{FILEMINT_SOURCE_DIR} /
                   "tests/vectors/gcs/test_service_account.not-a-test.json"};
  std::string json{std::istreambuf_iterator<char>{in}, {}};
  return parse_service_account(secret{std::move(json)}).value();
}

gcs_place place() {
  bucket_config made;
  made.name = "stored-files";
  made.addressing = bucket_addressing::path;
  return gcs_place_of(made);
}

std::string token_of(const batch& by, file_path path) {
  std::string token(by.token_size(path), '#');
  char* end = token.data();
  by.sign({&path, 1}, {&end, 1});
  token.resize(static_cast<std::size_t>(end - token.data()));
  return token;
}

std::unique_ptr<batch> begin(const gcs& by) {
  const snapshot known;
  return by
      .begin(known, {.company = "co", .key_id = "k", .issued_at = now, .expires_at = now + 300s})
      .value();
}

TEST(SignBlob, SignsAsTheAccountsKeyWouldHere) {
  const auto account = known_account();
  const gcs here{"files", place(), account};
  const gcs there{"files", place(),
                  remote_account{.iam = {true, "iamcredentials.googleapis.com", 443},
                                 .who = {.email = account.client_email,
                                         .access_token = secret{std::string{"ya29.c.Kp"}}}}};
  const auto path = *file_path::make("uploads/co_xyz/C++ notes.txt");
  const auto by_here = begin(here);
  EXPECT_EQ(by_here->remote(), nullptr);
  const auto by_there = begin(there);
  auto* const remote = by_there->remote();
  ASSERT_NE(remote, nullptr);

  const auto asked = remote->ask(path);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.to.host, "iamcredentials.googleapis.com");
  auto named = account.client_email;
  named.replace(named.find('@'), 1, "%40");
  EXPECT_EQ(asked.target, "/v1/projects/-/serviceAccounts/" + named + ":signBlob");
  EXPECT_EQ(field_of(asked, "Authorization"), "Bearer ya29.c.Kp");
  constexpr std::string_view before = R"({"payload":")";
  ASSERT_TRUE(asked.body.starts_with(before) && asked.body.ends_with("\"}"));
  const auto payload = base64_decode(
      std::string_view{asked.body}.substr(before.size(), asked.body.size() - before.size() - 2));
  ASSERT_TRUE(payload);
  EXPECT_TRUE(payload->reveal().starts_with("GOOG4-RSA-SHA256\n"));

  std::vector<std::uint8_t> signature(account.key->signature_size());
  account.key->sign(payload->reveal(), signature);
  const auto text = base64_encode(secret{std::string{signature.begin(), signature.end()}});
  ASSERT_TRUE(remote->take(
      path, answered(200, R"({"keyId":"1","signedBlob":")" + std::string{text.reveal()} + "\"}")));
  EXPECT_EQ(token_of(*by_there, path), token_of(*by_here, path));
}

TEST(SignBlob, ThatIsRefusedSaysWhy) {
  EXPECT_EQ(read_signed_blob(answered(429, "")).error().code, errc::throttled);
  const auto refused = read_signed_blob(answered(
      403, R"({"error":{"code":403,"message":"token ya29.c.Kp","status":"PERMISSION_DENIED"}})"));
  EXPECT_EQ(refused.error().code, errc::service_unavailable);
  EXPECT_EQ(refused.error().message, "signBlob answered 403 (PERMISSION_DENIED)");
  for (const auto& bad : {std::string{}, std::string{"{}"}, std::string{R"({"signedBlob":7})"},
                          std::string{R"({"signedBlob":"*"})"}, std::string{R"({"signedBlob":""})"},
                          R"({"signedBlob":")" + std::string(1'000, 'A') + "\"}"}) {
    EXPECT_EQ(read_signed_blob(answered(200, bad)).error().code, errc::service_unavailable) << bad;
  }
  EXPECT_EQ(read_signed_blob(answered(503, "<html>")).error().message, "signBlob answered 503");
}

}  // namespace
}  // namespace filemint::backends::google_credentials_test
