// Credentials that a cloud gives out: which keys go with which.
#include "core/config/load.hpp"
#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace filemint::config_credentials_test {
namespace {

using ::testing::ElementsAre;
using testing::problems_of;

std::string s3(const std::string& keys) {
  return "sources: [{name: a, type: s3, bucket: b, " + keys + "}]";
}
std::string azure(const std::string& keys) {
  return "sources: [{name: a, type: azure, account: b, container: ccc, " + keys + "}]";
}
std::string gcs(const std::string& keys) {
  return "sources: [{name: a, type: gcs, bucket: b, " + keys + "}]";
}

TEST(Credentials, OfEachKindNeedNothingThatTheCloudKnows) {
  for (const auto& text :
       {s3("credentials: instance"), s3("credentials: container"), s3("credentials: web_identity"),
        s3("credentials: instance, credentials_endpoint: http://127.0.0.1:1"),
        s3("credentials: web_identity, role_arn: r, web_identity_token: file:t, "
           "credentials_endpoint: https://sts.example"),
        s3("credentials: static, access_key_id: env:A, secret_access_key: env:B"),
        azure("credentials: managed_identity, client_id: c"),
        gcs("signer: sign_blob, sign_as: s@p.iam.gserviceaccount.com")}) {
    EXPECT_THAT(problems_of(text), ElementsAre()) << text;
  }
}

TEST(Credentials, EachKindIsOfOneCloud) {
  EXPECT_THAT(problems_of(s3("credentials: managed_identity")),
              ElementsAre("f.yaml:1:55: sources[0].credentials: not for a source of type s3"));
  for (const auto* kind : {"instance", "container", "web_identity"}) {
    EXPECT_THAT(problems_of(azure("credentials: " + std::string{kind})),
                ElementsAre("f.yaml:1:75: sources[0].credentials: not for a source of type azure"));
  }
  EXPECT_THAT(problems_of(s3("credentials: iam")),
              ElementsAre("f.yaml:1:55: sources[0].credentials: expected one of static, instance, "
                          "container, web_identity, managed_identity, found `iam`"));
}

TEST(Credentials, WhatAnotherKindUsesIsRefused) {
  EXPECT_THAT(problems_of(s3("credentials: instance, access_key_id: env:A, role_arn: r")),
              ElementsAre("f.yaml:1:80: sources[0].access_key_id: not with credentials: instance",
                          "f.yaml:1:97: sources[0].role_arn: not with credentials: instance"));
  EXPECT_THAT(problems_of(s3("credentials: container, credentials_endpoint: http://a:1")),
              ElementsAre("f.yaml:1:88: sources[0].credentials_endpoint: not with credentials: "
                          "container"));
  EXPECT_THAT(problems_of(s3("access_key_id: env:A, secret_access_key: env:B, "
                             "web_identity_token: file:t")),
              ElementsAre("f.yaml:1:110: sources[0].web_identity_token: not with credentials: "
                          "static"));
  EXPECT_THAT(problems_of(azure("account_key: env:A, credentials: managed_identity")),
              ElementsAre("f.yaml:1:75: sources[0].account_key: not with credentials: "
                          "managed_identity"));
  EXPECT_THAT(problems_of(gcs("signer: sign_blob, service_account: env:A")),
              ElementsAre("f.yaml:1:79: sources[0].service_account: not with signer: sign_blob"));
  EXPECT_THAT(
      problems_of(gcs("service_account: env:A, sign_blob_endpoint: http://a:1")),
      ElementsAre("f.yaml:1:87: sources[0].sign_blob_endpoint: not with signer: service_account"));
}

TEST(Credentials, StaticOnesAreNeeded) {
  EXPECT_THAT(problems_of(azure("credentials: static")),
              ElementsAre("f.yaml:1:11: sources[0].account_key: a source of type azure needs "
                          "account_key"));
  EXPECT_THAT(
      problems_of(gcs("signer: hmac, access_key_id: env:A")),
      ElementsAre("f.yaml:1:11: sources[0].secret_access_key: a source of type gcs with signer: "
                  "hmac needs secret_access_key"));
}

TEST(Credentials, ByACallAPathNeitherProbesNorLongLives) {
  EXPECT_THAT(problems_of(gcs("signer: sign_blob, check_exists: true")).size(), 1u);
  EXPECT_THAT(problems_of(gcs("signer: sign_blob, max_life: 13h")).size(), 1u);
  EXPECT_THAT(problems_of(gcs("signer: sign_blob, max_life: 12h")).size(), 0u);
}

TEST(Credentials, WhatStandsInRequestsIsPrintable) {
  EXPECT_EQ(problems_of(s3("credentials: web_identity, role_arn: \"a b\"")).size(), 1u);
  EXPECT_EQ(problems_of(azure("credentials: managed_identity, client_id: \"a\\nb\"")).size(), 1u);
}

}  // namespace
}  // namespace filemint::config_credentials_test
