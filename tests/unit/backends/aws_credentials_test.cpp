// Against the documents that AWS publishes (EC2 User Guide, "Retrieve security credentials from
// instance metadata"; ECS, "Task IAM role"; STS API, AssumeRoleWithWebIdentity).
#include "backends/credentials/aws.hpp"
#include "tests/unit/backends/renewals.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace filemint::backends::aws_credentials_test {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view instance_document = R"({
  "Code" : "Success",
  "LastUpdated" : "2026-05-28T19:26:39Z",
  "Type" : "AWS-HMAC",
  "AccessKeyId" : "ASIAIOSFODNN7EXAMPLE",
  "SecretAccessKey" : "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "Token" : "token+/==",
  "Expiration" : "2026-05-28T21:26:40Z"
})";
constexpr std::string_view sts_document =
    R"(<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>amzn1.account.AF6RHO7KZU5XRVQJGXK6HB56KR2A</SubjectFromWebIdentityToken>
    <Audience>client.5498841531868486423.1548@apps.example.com</Audience>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/FederatedWebIdentityRole/app1</Arn>
      <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:app1</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <SessionToken>token+/==</SessionToken>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey>
      <Expiration>2026-05-28T21:26:40Z</Expiration>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>)";

std::string without(std::string_view document, std::string_view part, std::string_view with = "") {
  std::string text{document};
  const auto at = text.find(part);
  EXPECT_NE(at, text.npos) << part;
  return text.replace(at, part.size(), with);
}

class AwsCredentials : public ::testing::Test {
protected:
  void SetUp() override {
    make_ = [this](aws_credentials who) {
      came_ = std::move(who);
      return std::make_shared<const idle_backend>();
    };
    instance();
    container();
    web_identity();
  }
  void instance() { instance_ = renew_by_instance({false, "169.254.169.254", 80}, make_); }
  void container() {
    container_ = renew_by_container({.at = {false, "169.254.170.2", 80},
                                     .target = "/v2/credentials/7e6c",
                                     .authorization = [this] { return read(); }},
                                    make_);
  }
  void web_identity() {
    web_identity_ = renew_by_web_identity({.sts = {true, "sts.eu-west-3.amazonaws.com", 443},
                                           .role_arn = "arn:aws:iam::123456789012:role/app",
                                           .session_name = "filemint",
                                           .token = [this] { return read(); }},
                                          make_);
  }
  // Up to the credentials themselves.
  void walk_instance() {
    instance();
    ASSERT_TRUE(instance_->begin(now));
    (void)request_of(*instance_, answered(200, "AQAEAHsession=="));
    (void)request_of(*instance_, answered(200, "filemint-role"));
  }
  void expect_the_examples() {
    ASSERT_TRUE(came_);
    EXPECT_EQ(came_->access_key_id, "ASIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(came_->secret_access_key.reveal(), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    EXPECT_EQ(came_->session_token.reveal(), "token+/==");
  }
  result<secret> read() {
    if (held_.empty()) return fail(errc::not_found, "env:TOKEN is not set");
    return secret{std::string{held_}};
  }

  aws_backend_maker make_;
  std::optional<aws_credentials> came_;
  std::string held_ = "eyJ.web.identity";
  std::unique_ptr<renewal> instance_, container_, web_identity_;
};

TEST_F(AwsCredentials, AnInstanceIsAskedForATokenThenTheRoleThenItsCredentials) {
  const auto token = instance_->begin(now);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->method, "PUT");
  EXPECT_EQ(token->to, (remote_origin{false, "169.254.169.254", 80}));
  EXPECT_EQ(token->target, "/latest/api/token");
  EXPECT_EQ(field_of(*token, "X-aws-ec2-metadata-token-ttl-seconds"), "60");
  const auto role = request_of(*instance_, answered(200, "AQAEAHsession=="));
  EXPECT_EQ(role.method, "GET");
  EXPECT_EQ(role.target, "/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(field_of(role, "X-aws-ec2-metadata-token"), "AQAEAHsession==");
  const auto keys = request_of(*instance_, answered(200, "filemint+role\nanother\n"));
  EXPECT_EQ(keys.target, "/latest/meta-data/iam/security-credentials/filemint%2Brole");
  EXPECT_EQ(field_of(keys, "X-aws-ec2-metadata-token"), "AQAEAHsession==");
  EXPECT_EQ(end_of(*instance_, answered(200, std::string{instance_document})), now + 1h);
  expect_the_examples();
}

TEST_F(AwsCredentials, AnInstanceThatGivesNoneSaysWhy) {
  ASSERT_TRUE(instance_->begin(now));
  EXPECT_EQ(error_of(*instance_, answered(403, "")),
            "the instance's metadata service answered 403");
  for (const auto* token : {"", "two words", "line\r\nX-Other: field"}) {
    instance();
    ASSERT_TRUE(instance_->begin(now));
    EXPECT_THAT(error_of(*instance_, answered(200, token)), HasSubstr("a session token that is"));
  }
  instance();
  ASSERT_TRUE(instance_->begin(now));
  (void)request_of(*instance_, answered(200, "AQAEAHsession=="));
  EXPECT_THAT(error_of(*instance_, answered(404, "")), HasSubstr("the instance has no profile"));
  walk_instance();
  EXPECT_EQ(error_of(*instance_, answered(200, R"({"Code":"AssumeRoleUnauthorizedAccess"})")),
            "the instance's metadata service has no credentials (AssumeRoleUnauthorizedAccess)");
  walk_instance();
  EXPECT_EQ(error_of(*instance_, answered(200, R"({"Code":"wJalrXUtnFEMI/K7MDENG"})")),
            "the instance's metadata service has no credentials")
      << "what may be a secret is not told";
}

TEST_F(AwsCredentials, ADocumentThatLacksSomethingIsNoneOfTheirs) {
  for (const auto& bad : {
           std::string{},
           std::string{"<html>"},
           std::string{"[]"},
           std::string{instance_document.substr(0, 100)},
           without(instance_document, "\"AccessKeyId\" : \"ASIAIOSFODNN7EXAMPLE\","),
           without(instance_document, "ASIAIOSFODNN7EXAMPLE"),
           without(instance_document, "ASIAIOSFODNN7EXAMPLE", "ASIA/EXAMPLE"),
           without(instance_document, "ASIAIOSFODNN7EXAMPLE", "ASIA EXAMPLE"),
           without(instance_document, "\"ASIAIOSFODNN7EXAMPLE\"", "7"),
           without(instance_document, "\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"", "null"),
           without(instance_document, "\"token+/==\"", "[]"),
           without(instance_document, "\"Token\"", "\"token\""),
           without(instance_document, "2026-05-28T21:26:40Z", "tomorrow"),
           without(instance_document, "\"2026-05-28T21:26:40Z\"", "1780003600"),
       }) {
    walk_instance();
    const auto why = error_of(*instance_, answered(200, bad));
    EXPECT_THAT(why, HasSubstr("the instance's metadata service answered")) << bad;
    for (const auto* secret : {"wJalr", "token+", "ASIA"}) EXPECT_THAT(why, Not(HasSubstr(secret)));
    EXPECT_FALSE(came_);
  }
}

TEST_F(AwsCredentials, TheEndIsTheEarlierByBothClocks) {
  struct skew {
    const char* date;
    std::chrono::seconds left;
  };
  for (const auto& [date, left] : {
           skew{"Thu, 28 May 2026 20:26:40 GMT", 3'600s},  // no skew
           skew{"Thu, 28 May 2026 21:16:40 GMT", 600s},    // theirs is ahead
           skew{"Thu, 28 May 2026 20:16:40 GMT", 3'600s},  // theirs is behind
           skew{"yesterday", 3'600s},
       }) {
    walk_instance();
    EXPECT_EQ(end_of(*instance_, answered(200, std::string{instance_document}, date)), now + left);
  }
}

TEST_F(AwsCredentials, WhatHasEndedIsRefusedAndASkewIsTold) {
  walk_instance();
  auto late = step(*instance_, answered(200, std::string{instance_document}), now + 1h);
  EXPECT_EQ(std::get<std::string>(late),
            "the instance's metadata service gave credentials that ended at 2026-05-28T21:26:40Z");
  walk_instance();
  auto skewed = step(*instance_,
                     answered(200, std::string{instance_document}, "Thu, 28 May 2026 20:26:40 GMT"),
                     now + 2h);
  EXPECT_EQ(
      std::get<std::string>(skewed),
      "the instance's metadata service gave credentials that ended at 2026-05-28T21:26:40Z: it "
      "is 2026-05-28T20:26:40Z there and 2026-05-28T22:26:40Z here");
  EXPECT_FALSE(came_);
}

TEST_F(AwsCredentials, AContainerIsAskedOnceWithWhatIsHeldThen) {
  held_ = "first";
  ASSERT_TRUE(container_->begin(now));
  container();
  held_ = "Bearer second";
  const auto asked = container_->begin(now);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->method, "GET");
  EXPECT_EQ(asked->to.host, "169.254.170.2");
  EXPECT_EQ(asked->target, "/v2/credentials/7e6c");
  EXPECT_EQ(field_of(*asked, "Authorization"), "Bearer second");
  const auto document = R"({"RoleArn":"arn","AccessKeyId":"ASIAIOSFODNN7EXAMPLE",)"
                        R"("SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",)"
                        R"("Token":"token+/==","Expiration":"2026-05-28T21:26:40.123Z"})";
  EXPECT_EQ(end_of(*container_, answered(200, document)), now + 1h);
  expect_the_examples();
}

TEST_F(AwsCredentials, AContainerThatGetsNoneSaysWhy) {
  held_ = "";
  EXPECT_EQ(container_->begin(now).error().message,
            "the authorization token cannot be read: env:TOKEN is not set");
  held_ = "a\r\nX-Other: b";
  EXPECT_EQ(container_->begin(now).error().message, "the authorization token is no field's value");
  EXPECT_EQ(error_of(*container_, answered(400, R"({"code":"NoIdInRequest","message":"..."})")),
            "the container's credential endpoint answered 400 (NoIdInRequest)");
  EXPECT_EQ(error_of(*container_, answered(500, "oops")),
            "the container's credential endpoint answered 500");
  EXPECT_EQ(error_of(*container_, answered(403, R"({"code":7})")),
            "the container's credential endpoint answered 403");
}

TEST_F(AwsCredentials, StsIsAskedWithTheTokenAsItIsThen) {
  held_ = "eyJ+/=.web&identity";
  const auto asked = web_identity_->begin(now);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->method, "POST");
  EXPECT_EQ(asked->to, (remote_origin{true, "sts.eu-west-3.amazonaws.com", 443}));
  EXPECT_EQ(asked->target, "/");
  EXPECT_THAT(field_of(*asked, "Content-Type"), HasSubstr("application/x-www-form-urlencoded"));
  EXPECT_EQ(asked->body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
            "123456789012%3Arole%2Fapp&RoleSessionName=filemint&WebIdentityToken="
            "eyJ%2B%2F%3D.web%26identity");
  EXPECT_EQ(end_of(*web_identity_, answered(200, std::string{sts_document})), now + 1h);
  expect_the_examples();
}

TEST_F(AwsCredentials, StsThatGivesNoneSaysWhy) {
  constexpr std::string_view refusal =
      R"(<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>)"
      R"(<Code>ValidationError</Code><Message>Value 'eyJ.web.identity' at 'webIdentityToken'</Message>)"
      R"(</Error><RequestId>c6104cbe</RequestId></ErrorResponse>)";
  EXPECT_EQ(error_of(*web_identity_, answered(400, std::string{refusal})),
            "STS answered 400 (ValidationError)")
      << "its message may hold the token";
  EXPECT_EQ(error_of(*web_identity_, answered(503, "")), "STS answered 503");
  EXPECT_EQ(error_of(*web_identity_, answered(200, "{}")), "STS answered without credentials");
  for (const auto* part : {"<SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY<",
                           "AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId", "token+/=="}) {
    EXPECT_EQ(error_of(*web_identity_, answered(200, without(sts_document, part, "<"))),
              "STS answered without credentials")
        << part;
  }
  EXPECT_EQ(error_of(*web_identity_, answered(200, without(sts_document, "2026-05-28T21:26:40Z"))),
            "STS answered without an Expiration in RFC 3339");
  held_ = "";
  EXPECT_EQ(web_identity_->begin(now).error().message,
            "the web identity token cannot be read: env:TOKEN is not set");
}

}  // namespace
}  // namespace filemint::backends::aws_credentials_test
