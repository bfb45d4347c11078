#include "http/reply.hpp"

#include "core/result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::http::reply_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string head_of(const reply& r, answer_terms terms = {.request_id = "id", .date = "now"}) {
  std::string out;
  append_head(out, r, terms);
  return out;
}

TEST(ErrorReply, AsksForCredentialsOnEvery401) {
  struct row {
    errc code;
    std::string field;
  };
  for (const auto& [code, field] : std::vector<row>{
           {errc::unauthorized, "WWW-Authenticate: Bearer\r\n"},
           {errc::invalid_api_key, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"},
           {errc::expired_api_key, "WWW-Authenticate: Bearer error=\"invalid_token\", "},
           {errc::invalid_access_token, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"},
           {errc::expired_access_token, "WWW-Authenticate: Bearer error=\"invalid_token\", "},
       }) {
    const auto r = error_reply(error(code));
    EXPECT_EQ(r.status, 401u);
    EXPECT_THAT(r.fields, HasSubstr(field));
  }
  EXPECT_THAT(error_reply(error(errc::forbidden)).fields, Not(HasSubstr("WWW-Authenticate")));
}

TEST(ErrorReply, TellsWhenToComeBack) {
  const std::vector<error_detail> seven{{"retry_after_seconds", std::int64_t{7}}};
  const std::vector<error_detail> zero{{"retry_after_seconds", std::int64_t{0}}};
  EXPECT_EQ(error_reply(error(errc::rate_limit_exceeded, {}, seven)).fields, "Retry-After: 7\r\n");
  EXPECT_EQ(error_reply(error(errc::throttled, {}, zero)).fields, "Retry-After: 1\r\n");
  EXPECT_EQ(error_reply(error(errc::service_unavailable)).fields, "Retry-After: 1\r\n");
  EXPECT_EQ(error_reply(error(errc::gateway_timeout)).fields, "");
}

TEST(ErrorReply, ClosesAfterMalformedHttpAlone) {
  EXPECT_TRUE(error_reply(error(errc::bad_request)).close);
  EXPECT_FALSE(error_reply(error(errc::invalid_payload)).close);
}

TEST(ErrorReply, CarriesTheEnvelope) {
  const auto r = error_reply(error(errc::forbidden));
  EXPECT_EQ(r.code, "FORBIDDEN");
  EXPECT_THAT(std::get<std::string>(r.body), HasSubstr(R"("success":false)"));
}

TEST(SuccessReply, WrapsItsData) {
  const auto r = success_reply(R"({"a":1})");
  EXPECT_EQ(r.status, 200u);
  EXPECT_EQ(std::get<std::string>(r.body), R"({"success":true,"data":{"a":1}})");
}

TEST(AppendHead, WritesEveryFieldOnce) {
  reply r;
  r.body = "12345";
  r.fields = "Cache-Control: no-store\r\n";
  EXPECT_EQ(
      head_of(r),
      "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
      "X-Request-Id: id\r\nCache-Control: no-store\r\n\r\n");
}

TEST(AppendHead, KnowsEveryStatusOfTheCatalogue) {
  for (int code = 0; code <= static_cast<int>(errc::gateway_timeout); ++code) {
    const auto r = error_reply(error(static_cast<errc>(code)));
    EXPECT_THAT(head_of(r), ::testing::StartsWith("HTTP/1.1 " + std::to_string(r.status) + " "));
  }
}

TEST(AppendHead, TellsWhatBecomesOfTheConnection) {
  reply r;
  EXPECT_THAT(head_of(r), Not(HasSubstr("Connection")));
  EXPECT_THAT(head_of(r, {.keep_alive = false}), HasSubstr("Connection: close\r\n\r\n"));
  EXPECT_THAT(head_of(r, {.minor_version = 0}), HasSubstr("Connection: keep-alive\r\n\r\n"));
  EXPECT_THAT(head_of(r, {.keep_alive = false, .minor_version = 0}),
              HasSubstr("Connection: close\r\n\r\n"));
  r.close = true;
  EXPECT_THAT(head_of(r), HasSubstr("Connection: close\r\n\r\n"));
}

TEST(AppendHead, TellsTheLengthOfEachKindOfBody) {
  reply r;
  r.body = byte_buffer{nullptr, 1234};
  EXPECT_THAT(head_of(r), HasSubstr("Content-Length: 1234\r\n"));
  r.body = static_body{"12345"};
  EXPECT_THAT(head_of(r), HasSubstr("Content-Length: 5\r\n"));
  r.body = file_body{{}, 10, 5'000'000'000};
  r.head_only = true;
  EXPECT_THAT(head_of(r), HasSubstr("Content-Length: 5000000000\r\n"));
  r.status = 304;
  EXPECT_THAT(head_of(r), Not(HasSubstr("Content-Length")));
}

TEST(AppendHead, TellsNoLengthWhereThereCanBeNoBody) {
  reply r;
  r.status = 204;
  r.content_type = {};
  EXPECT_THAT(head_of(r), HasSubstr("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(head_of(r), Not(HasSubstr("Content-")));
}

}  // namespace
}  // namespace filemint::http::reply_test
