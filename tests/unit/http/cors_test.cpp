#include "http/cors.hpp"

#include "heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace filemint::http::cors_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const cors_config none;
const cors_config two{.origins = {"https://app.example", "http://localhost:3000"},
                      .max_age = std::chrono::seconds{60}};

std::string fields_for(std::string_view fields, const cors_config& allowed) {
  const parsed_head head(head_text("GET", "/a", fields));
  return cors_fields(*head, allowed);
}

std::optional<reply> preflight(std::string_view fields, const cors_config& allowed,
                               std::string_view method = "OPTIONS") {
  const parsed_head head(head_text(method, "/a", fields));
  return answer_preflight(*head, "GET, HEAD", allowed);
}

constexpr std::string_view asks =
    "Origin: https://app.example\r\nAccess-Control-Request-Method: GET\r\n";

TEST(Cors, SaysNothingWhereNoOriginIsConfigured) {
  EXPECT_EQ(fields_for("Origin: https://app.example\r\n", none), "");
  EXPECT_FALSE(preflight(asks, none));
}

TEST(Cors, LetsAnAllowedOriginReadTheAnswerAndItsFields) {
  const auto fields = fields_for("Origin: http://localhost:3000\r\n", two);
  EXPECT_THAT(fields, HasSubstr("Vary: Origin\r\n"));
  EXPECT_THAT(fields, HasSubstr("Access-Control-Allow-Origin: http://localhost:3000\r\n"));
  for (const auto* name : {"X-Request-Id", "X-RateLimit-Remaining", "RateLimit,", "Retry-After"}) {
    EXPECT_THAT(fields, HasSubstr(name));
  }
  EXPECT_THAT(fields, Not(HasSubstr("Credentials")));
}

TEST(Cors, TellsCachesThatTheOriginMattersWhoeverAsks) {
  for (const auto* asked :
       {"", "Origin: https://evil.example\r\n", "Origin: null\r\n",
        "Origin: https://APP.example\r\n", "Origin: https://app.example.evil\r\n",
        "Origin: https://app.example:444\r\n",
        "Origin: https://app.example\r\nOrigin: https://app.example\r\n"}) {
    EXPECT_EQ(fields_for(asked, two), "Vary: Origin\r\n") << asked;
    EXPECT_FALSE(preflight(std::string(asked) + "Access-Control-Request-Method: GET\r\n", two));
  }
}

TEST(Cors, AnswersAPreflightWithTheRoutesMethods) {
  const auto r = preflight(asks, two);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->status, 204u);
  EXPECT_EQ(r->content_type, "");
  EXPECT_EQ(body_size(*r), 0u);
  EXPECT_THAT(r->fields, HasSubstr("Access-Control-Allow-Methods: GET, HEAD\r\n"));
  EXPECT_THAT(r->fields, HasSubstr("Access-Control-Max-Age: 60\r\n"));
  EXPECT_THAT(r->fields, HasSubstr("Authorization"));
}

TEST(Cors, TakesNothingElseForAPreflight) {
  EXPECT_FALSE(preflight(asks, two, "GET"));
  EXPECT_FALSE(preflight("Origin: https://app.example\r\n", two));
  EXPECT_FALSE(preflight("Access-Control-Request-Method: GET\r\n", two));
}

}  // namespace
}  // namespace filemint::http::cors_test
