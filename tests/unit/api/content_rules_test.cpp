#include "api/content_rules.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace filemint::api::content_rules_test {
namespace {

std::string field_of(const error& e) {
  return e.details.size() == 1 && e.details[0].name == "field"
             ? std::get<std::string>(e.details[0].value)
             : "";
}

TEST(ContentRules, ReadJsonInUtf8AndWhatHasNoType) {
  for (const std::string_view type : {
           "",
           " ",
           "application/json",
           "Application/JSON",
           "application/json ",
           "\tapplication/json",
           "application/json;",
           "application/json; ",
           "application/json;charset=utf-8",
           "application/json; charset=utf-8",
           "application/json ; charset=UTF-8",
           "application/json; Charset=Utf-8",
           "application/json; charset=\"utf-8\"",
           "application/json;charset=utf-8 ",
       }) {
    EXPECT_TRUE(check_content(type, false)) << type;
  }
}

TEST(ContentRules, RefuseEveryOtherType) {
  for (const std::string_view type : {
           "text/plain",
           "text/json",
           "application/jsonp",
           "application/jso",
           "application/json-patch+json",
           "application/problem+json",
           "application/x-www-form-urlencoded",
           "application",
           "json",
           "*/*",
           "application/json, text/plain",
           "application /json",
           ";",
           "; charset=utf-8",
       }) {
    const auto answer = check_content(type, false);
    ASSERT_FALSE(answer) << type;
    EXPECT_EQ(answer.error().code, errc::invalid_payload) << type;
    EXPECT_EQ(field_of(answer.error()), "Content-Type") << type;
  }
}

TEST(ContentRules, RefuseEveryOtherCharset) {
  for (const std::string_view parameter : {
           "charset=utf-16",
           "charset=utf8",
           "charset=iso-8859-1",
           "charset=us-ascii",
           "charset=",
           "charset",
           "charset=\"\"",
           "charset=\"utf-16\"",
           "charset=\"utf-8",
           "charset=utf-8\"",
           "charset=utf-8; charset=utf-16",
           "charset = utf-8",
       }) {
    const auto type = "application/json; " + std::string{parameter};
    const auto answer = check_content(type, false);
    ASSERT_FALSE(answer) << type;
    EXPECT_EQ(answer.error().code, errc::invalid_payload) << type;
  }
}

TEST(ContentRules, RefuseAnEncodedBodyWhateverItsType) {
  for (const std::string_view type : {"", "application/json", "text/plain"}) {
    const auto answer = check_content(type, true);
    ASSERT_FALSE(answer) << type;
    EXPECT_EQ(answer.error().code, errc::invalid_payload);
    EXPECT_EQ(field_of(answer.error()), "Content-Encoding");
  }
}

TEST(ContentRules, NameTheLimitOfABodyThatIsTooLarge) {
  const auto e = body_too_large(8 * 1024 * 1024);
  EXPECT_EQ(e.code, errc::invalid_payload);
  ASSERT_EQ(e.details.size(), 1u);
  EXPECT_EQ(e.details[0].name, "max_body_bytes");
  EXPECT_EQ(std::get<std::int64_t>(e.details[0].value), 8'388'608);
}

}  // namespace
}  // namespace filemint::api::content_rules_test
