// Against the answers that Microsoft publishes ("How to use managed identities for Azure resources
// on an Azure VM to acquire an access token", "Get User Delegation Key").
#include "backends/credentials/azure.hpp"
#include "tests/unit/backends/renewals.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace filemint::backends::azure_credentials_test {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* token_answer =
    R"({"access_token":"eyJ0eXAiOiJKV1Q","client_id":"7c0e","expires_in":"3599",)"
    R"("expires_on":"1780003599","not_before":"1780000000",)"
    R"("resource":"https://storage.azure.com/","token_type":"Bearer"})";
// With the mark that Azure's XML begins with.
constexpr const char* key_answer =
    "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><UserDelegationKey>"
    "<SignedOid>6dc1a5f5-oid</SignedOid><SignedTid>72f988bf-tid</SignedTid>"
    "<SignedStart>2026-05-28T20:11:40Z</SignedStart>"
    "<SignedExpiry>2026-05-29T00:26:40Z</SignedExpiry>"
    "<SignedService>b</SignedService><SignedVersion>2020-12-06</SignedVersion>"
    "<Value>dGhlIGRlbGVnYXRpb24ga2V5LCAzMiBieXRlczogb2s=</Value></UserDelegationKey>";

class AzureCredentials : public ::testing::Test {
protected:
  AzureCredentials() {
    bucket_.account = "filemintaccount";
    bucket_.name = "stored-files";
  }
  void start(std::string client_id = {}, std::string header = {}, std::string target = {}) {
    terms_ = {.tokens = {false, "169.254.169.254", 80},
              .target = target.empty() ? "/metadata/identity/oauth2/token" : std::move(target),
              .header = secret{std::move(header)},
              .client_id = std::move(client_id),
              .blobs = *blob_service_of(bucket_),
              .life = 4h};
    renewal_ = renew_by_managed_identity(terms_, [this](sas_key key) {
      came_.emplace(std::move(key));
      return std::make_shared<const idle_backend>();
    });
  }
  void walk_to_key() {
    start();
    ASSERT_TRUE(renewal_->begin(now));
    (void)request_of(*renewal_, answered(200, token_answer));
  }

  bucket_config bucket_;
  managed_identity_terms terms_;
  std::unique_ptr<renewal> renewal_;
  std::optional<sas_key> came_;
};

TEST_F(AzureCredentials, AMachineIsAskedForATokenThenStorageForAKey) {
  start();
  const auto token = renewal_->begin(now);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->method, "GET");
  EXPECT_EQ(token->target,
            "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
            "https%3A%2F%2Fstorage.azure.com%2F");
  EXPECT_EQ(field_of(*token, "Metadata"), "true");
  const auto key = request_of(*renewal_, answered(200, token_answer));
  EXPECT_EQ(key.method, "POST");
  EXPECT_EQ(key.to, (remote_origin{true, "filemintaccount.blob.core.windows.net", 443}));
  EXPECT_EQ(key.target, "/?restype=service&comp=userdelegationkey");
  EXPECT_EQ(field_of(key, "Authorization"), "Bearer eyJ0eXAiOiJKV1Q");
  EXPECT_EQ(field_of(key, "x-ms-version"), "2020-12-06");
  EXPECT_EQ(key.body,
            R"(<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>2026-05-28T20:11:40Z</Start>)"
            "<Expiry>2026-05-29T00:26:40Z</Expiry></KeyInfo>")
      << "a quarter of an hour back";
  EXPECT_EQ(end_of(*renewal_, answered(200, key_answer)), now + 4h);
  ASSERT_TRUE(came_);
  EXPECT_THAT(came_->delegation(),
              ElementsAre("6dc1a5f5-oid", "72f988bf-tid", "2026-05-28T20:11:40Z",
                          "2026-05-29T00:26:40Z", "b", "2020-12-06"));
}

// What it signs is signed by the key as it is once decoded.
TEST_F(AzureCredentials, TheKeySigns) {
  walk_to_key();
  (void)end_of(*renewal_, answered(200, key_answer));
  ASSERT_TRUE(came_);
  EXPECT_EQ(came_->hmac().mac("text"), hmac_sha256{"the delegation key, 32 bytes: ok"}.mac("text"));
}

TEST_F(AzureCredentials, AnAppServiceHasAHeaderOfItsOwn) {
  start("7c0e-client", "853b9a84", "/MSI/token/");
  const auto token = renewal_->begin(now);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->target,
            "/MSI/token/?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com%2F"
            "&client_id=7c0e-client");
  EXPECT_EQ(field_of(*token, "X-IDENTITY-HEADER"), "853b9a84");
  EXPECT_EQ(field_of(*token, "Metadata"), "(none)");
}

TEST_F(AzureCredentials, NoKeyIsAskedForLongerThanAzureAllows) {
  start();
  terms_.life = 30 * 24h;
  ASSERT_TRUE(renewal_->begin(now));
  const auto key = request_of(*renewal_, answered(200, token_answer));
  EXPECT_THAT(key.body, HasSubstr("<Start>2026-05-28T20:11:40Z</Start><Expiry>"
                                  "2026-06-04T20:11:40Z</Expiry>"));
}

TEST_F(AzureCredentials, StorageIsAskedWhereTheSourceHasIt) {
  const auto text = [](const blob_service& of) {
    return of.at.host + ":" + std::to_string(of.at.port) + of.path;
  };
  bucket_.endpoint = "https://blob.core.chinacloudapi.cn";
  bucket_.public_endpoint = "https://files.example";
  EXPECT_EQ(text(*blob_service_of(bucket_)), "filemintaccount.blob.core.chinacloudapi.cn:443/");
  bucket_.addressing = bucket_addressing::path;
  bucket_.endpoint = "http://127.0.0.1:10000";
  EXPECT_EQ(text(*blob_service_of(bucket_)), "127.0.0.1:10000/filemintaccount/");
  bucket_.addressing = bucket_addressing::bucket_bound;
  bucket_.endpoint = {};
  EXPECT_EQ(text(*blob_service_of(bucket_)), "files.example:443/");
}

TEST_F(AzureCredentials, AnIdentityThatGetsNoTokenSaysWhy) {
  const auto refused = [this](unsigned status, const char* body) {
    start();
    EXPECT_TRUE(renewal_->begin(now));
    return error_of(*renewal_, answered(status, body));
  };
  EXPECT_EQ(refused(400, R"({"error":"invalid_request","error_description":"Identity not found"})"),
            "the managed identity's endpoint answered 400 (invalid_request)");
  EXPECT_EQ(refused(429, "slow down"), "the managed identity's endpoint answered 429");
  EXPECT_THAT(refused(200, "<html>"), HasSubstr("not a JSON object"));
  EXPECT_THAT(refused(200, R"({"access_token":7})"), HasSubstr("without a access_token"));
  EXPECT_THAT(refused(200, R"({"access_token":""})"), HasSubstr("without a access_token"));
  EXPECT_THAT(refused(200, R"({"access_token":"a\r\nX-Other: b"})"),
              HasSubstr("a token that is none"));
}

TEST_F(AzureCredentials, AKeyThatLacksSomethingIsNone) {
  const std::string good = key_answer;
  for (const std::string part : {"SignedOid", "SignedTid", "SignedStart", "SignedExpiry",
                                 "SignedService", "SignedVersion", "Value"}) {
    walk_to_key();
    auto bad = good;
    bad.replace(bad.find("<" + part + ">"), part.size() + 2, "<" + part + "/><Other>");
    const auto why = error_of(*renewal_, answered(200, bad));
    EXPECT_EQ(why, "Azure's blob service gave a user delegation key that lacks something") << part;
  }
  for (const auto& [from, to] : {std::pair{"dGhl", "*"}, std::pair{"2026-05-29T00:26:40Z", "soon"},
                                 std::pair{"6dc1a5f5-oid", "a b"}}) {
    walk_to_key();
    auto bad = good;
    bad.replace(bad.find(from), std::string_view{from}.size(), to);
    EXPECT_THAT(error_of(*renewal_, answered(200, bad)), HasSubstr("lacks something"));
  }
  EXPECT_FALSE(came_);
}

TEST_F(AzureCredentials, StorageThatGivesNoKeySaysWhy) {
  walk_to_key();
  EXPECT_EQ(
      error_of(*renewal_, answered(403,
                                   "\xEF\xBB\xBF<?xml version=\"1.0\"?><Error><Code>"
                                   "AuthorizationPermissionMismatch</Code><Message>This request is "
                                   "not authorized</Message></Error>")),
      "Azure's blob service gave no user delegation key, but 403 "
      "(AuthorizationPermissionMismatch)");
  walk_to_key();
  EXPECT_EQ(error_of(*renewal_, answered(503, "")),
            "Azure's blob service gave no user delegation key, but 503");
}

// A signature that names a key ends no later than it, by Azure's clock.
TEST_F(AzureCredentials, AClockThatIsAheadOfAzuresDoesNotMakeTheKeyLonger) {
  walk_to_key();
  EXPECT_EQ(end_of(*renewal_, answered(200, key_answer, "Thu, 28 May 2026 20:06:40 GMT")),
            now + 4h);
  walk_to_key();
  EXPECT_EQ(end_of(*renewal_, answered(200, key_answer, "Thu, 28 May 2026 20:46:40 GMT")),
            now + 4h - 20min);
}

}  // namespace
}  // namespace filemint::backends::azure_credentials_test
