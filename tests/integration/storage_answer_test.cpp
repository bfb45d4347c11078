// What an object store's answers are taken for. Their texts are those of the vendors' pages, or
// were recorded of OpenStack Swift and Azurite.
#include "src/cli/storage_answer.hpp"

#include <gtest/gtest.h>

namespace filemint::cli::storage_answer_test {
namespace {

using namespace std::chrono_literals;

constexpr wall_time now{std::chrono::seconds{1'784'000'000}};  // 2026-07-14 03:33:20

source_config s3_source() {
  source_config source{.name = "objects", .type = source_type::s3};
  source.bucket.name = "stored-files";
  return source;
}

source_config source_of(source_type type) {
  source_config source{.name = "objects", .type = type};
  source.bucket.name = "stored-files";
  source.bucket.account = "account";
  return source;
}

std::string xml(std::string_view code, std::string_view more = {}) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + std::string{code} +
         "</Code><Message>A message.</Message>" + std::string{more} +
         "<RequestId>4442587FB7D0A2F9</RequestId></Error>";
}

finding said(const source_config& source, const backends::remote_answer& answer,
             bool is_there = true) {
  auto found = explain({.source = source,
                        .host = "host.example",
                        .is_there = is_there,
                        .about = "download",
                        .now = now},
                       answer);
  EXPECT_EQ(found.size(), 1u);
  EXPECT_EQ(found.back().about, "download");
  return found.back();
}

void expect_bad(const source_config& source, unsigned status, const std::string& body,
                std::string_view says) {
  const auto told = said(source, {.status = status, .body = body});
  EXPECT_EQ(told.how, verdict::bad);
  EXPECT_NE(told.says.find(says), std::string::npos) << told.says;
}

TEST(StorageAnswer, AByteIsGood) {
  for (const unsigned status : {200U, 206U}) {
    const auto told = said(s3_source(), {.status = status, .body = "x"});
    EXPECT_EQ(told.how, verdict::good);
    EXPECT_NE(told.says.find("host.example gave the first byte"), std::string::npos);
  }
  EXPECT_EQ(said(s3_source(), {.status = 416, .body = xml("InvalidRange")}).how, verdict::good)
      << "an empty file has no first byte";
}

TEST(StorageAnswer, AnotherRegionIsNamed) {
  const auto in_frankfurt = "<Region>eu-central-1</Region>";
  const auto says = "the bucket is in region eu-central-1, and region says us-east-1";
  expect_bad(s3_source(), 400, xml("AuthorizationHeaderMalformed", in_frankfurt), says);
  expect_bad(s3_source(), 400, xml("AuthorizationQueryParametersError", in_frankfurt), says);
  const auto redirected = said(s3_source(), {.status = 301,
                                             .fields = {{"x-amz-bucket-region", "eu-central-1"}},
                                             .body = xml("PermanentRedirect")});
  EXPECT_EQ(redirected.how, verdict::bad);
  EXPECT_NE(redirected.says.find(says), std::string::npos);
  auto there = s3_source();
  there.bucket.region = "eu-central-1";
  expect_bad(there, 403, xml("AccessDenied", in_frankfurt), "s3:GetObject");
}

TEST(StorageAnswer, EachCodeHasItsMeaning) {
  expect_bad(s3_source(), 403, xml("RequestTimeTooSkewed"), "clock");
  expect_bad(s3_source(), 403, xml("SignatureDoesNotMatch"), "secret_access_key");
  expect_bad(s3_source(), 403, xml("InvalidAccessKeyId"), "access_key_id");
  expect_bad(s3_source(), 400, xml("ExpiredToken"), "session_token");
  expect_bad(s3_source(), 404, xml("NoSuchBucket"), "no such bucket");
  expect_bad(s3_source(), 404, xml("NoSuchKey"), "there is no such file");
  expect_bad(s3_source(), 403, xml("AccessDenied"), "s3:GetObject");
  expect_bad(s3_source(), 503, xml("SlowDown"), "fewer requests");
  const auto azure = source_of(source_type::azure);
  expect_bad(azure, 403, xml("AuthenticationFailed"), "account_key");
  expect_bad(azure, 404, xml("ContainerNotFound"), "container");
  expect_bad(azure, 404, xml("BlobNotFound"), "there is no such file");
  const auto gcs = source_of(source_type::gcs);
  expect_bad(gcs, 403, xml("AccessDenied"), "storage.objects.get");
  expect_bad(gcs, 403, xml("SignatureDoesNotMatch"), "the key that signs");
  expect_bad(gcs, 400, xml("ExpiredToken"), "clock");
  const auto swift = source_of(source_type::swift);
  expect_bad(swift, 401, "<html><h1>Unauthorized</h1></html>", "temp_url_key");
  expect_bad(swift, 404, "<html><h1>Not Found</h1></html>", "there is no such file");
}

TEST(StorageAnswer, AzuresFieldCountsBeforeItsBody) {
  const auto told = said(source_of(source_type::azure),
                         {.status = 409, .fields = {{"X-Ms-Error-Code", "BlobArchived"}}});
  EXPECT_NE(told.says.find("409 BlobArchived: the blob is archived"), std::string::npos);
}

TEST(StorageAnswer, AMissingPermissionIsNamed) {
  const std::string aws =
      "<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/filemint is "
      "not "
      "authorized to perform: kms:Decrypt on resource: arn:aws:kms:… because no identity-based "
      "policy "
      "allows the kms:Decrypt action</Message></Error>";
  expect_bad(s3_source(), 403, aws, "lack the permission kms:Decrypt");
  const std::string google =
      "<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code><Message>Access "
      "denied.</Message><Details>filemint@project.iam.gserviceaccount.com does not have "
      "storage.objects.get access to the Google Cloud Storage object.</Details></Error>";
  expect_bad(source_of(source_type::gcs), 403, google, "lack the permission storage.objects.get");
}

// The name that is asked for where none is given.
TEST(StorageAnswer, AFileThatIsNotThereShowsThatTheRestIsWell) {
  EXPECT_EQ(said(s3_source(), {.status = 404, .body = xml("NoSuchKey")}, false).how, verdict::good);
  EXPECT_EQ(said(source_of(source_type::swift), {.status = 404}, false).how, verdict::good);
  const auto closed = said(s3_source(), {.status = 403, .body = xml("AccessDenied")}, false);
  EXPECT_EQ(closed.how, verdict::doubtful);
  EXPECT_NE(closed.says.find("s3:ListBucket"), std::string::npos);
  EXPECT_EQ(closed.says.find("missing_as_403"), std::string::npos);
  auto probed = s3_source();
  probed.check_exists = true;
  EXPECT_NE(
      said(probed, {.status = 403, .body = xml("AccessDenied")}, false).says.find("missing_as_403"),
      std::string::npos);
  EXPECT_EQ(said(s3_source(), {.status = 404, .body = xml("NoSuchBucket")}, false).how,
            verdict::bad);
  EXPECT_EQ(said(s3_source(), {.status = 404, .body = "nginx"}, false).how, verdict::bad)
      << "any server says 404";
}

TEST(StorageAnswer, AnotherAddressingIsTold) {
  auto source = s3_source();
  expect_bad(source, 404, xml("NoSuchBucket", "<BucketName>uploads</BucketName>"),
             "set addressing: path");
  source.bucket.addressing = bucket_addressing::path;
  expect_bad(source, 404, xml("NoSuchBucket", "<BucketName>stored-files</BucketName>"),
             "no such bucket");
  expect_bad(source, 404, xml("NoSuchKey", "<Key>stored-files/uploads/a</Key>"),
             "set addressing: bucket_bound");
}

TEST(StorageAnswer, ClocksThatDifferAreTold) {
  const auto at = [](const char* date) {
    return explain({.source = s3_source(), .host = "h", .about = "download", .now = now},
                   {.status = 206, .fields = {{"date", date}}});
  };
  EXPECT_EQ(at("Tue, 14 Jul 2026 03:33:25 GMT").size(), 1u);
  EXPECT_EQ(at("yesterday").size(), 1u);
  auto found = at("Tue, 14 Jul 2026 03:34:20 GMT");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].about, "clock");
  EXPECT_EQ(found[0].how, verdict::doubtful);
  EXPECT_NE(found[0].says.find("60 s behind"), std::string::npos) << found[0].says;
  found = at("Tue, 14 Jul 2026 03:13:20 GMT");
  EXPECT_EQ(found[0].how, verdict::bad);
  EXPECT_NE(found[0].says.find("1200 s ahead of"), std::string::npos) << found[0].says;
}

TEST(StorageAnswer, WhatABodyHoldsIsNotRepeated) {
  const auto body = xml("SignatureDoesNotMatch",
                        "<AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><SignatureProvided>"
                        "0123456789abcdef</SignatureProvided><StringToSign>AWS4</StringToSign>");
  const auto told = said(s3_source(), {.status = 403, .body = body}).says;
  for (const auto* hidden : {"AKIA", "0123456789abcdef", "AWS4"}) {
    EXPECT_EQ(told.find(hidden), std::string::npos);
  }
  for (const auto* strange : {"<Code>a\x1b[31m</Code>", "<Code></Code>", "<Code>", "<Code"}) {
    const auto shown = said(s3_source(), {.status = 418, .body = strange}).says;
    EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  }
}

TEST(StorageAnswer, NoAnswerIsExplainedToo) {
  auto source = s3_source();
  const auto told = [&](actors::fetch_fault fault) {
    const auto found =
        explain({.source = source, .host = "a.b.example", .about = "download"}, fault);
    EXPECT_EQ(found.how, verdict::bad);
    return found.says;
  };
  using enum actors::fetch_fault;
  EXPECT_NE(told(unreachable).find("no such host"), std::string::npos);
  EXPECT_NE(told(unreachable).find("addressing: path"), std::string::npos);
  EXPECT_NE(told(untrusted).find("authority"), std::string::npos);
  EXPECT_NE(told(broken).find("http://"), std::string::npos);
  EXPECT_NE(told(timed_out).find("in time"), std::string::npos);
  source.bucket.name = "stored.files";
  EXPECT_NE(told(untrusted).find("the bucket's name has dots; set addressing: path"),
            std::string::npos);
}

}  // namespace
}  // namespace filemint::cli::storage_answer_test
