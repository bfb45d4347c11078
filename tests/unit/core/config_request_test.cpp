// What a source says of requests: which paths are legal, how long tokens live, how they are dated.
#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

namespace filemint::config_request_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::problems_of;
using namespace std::chrono_literals;

const std::map<std::string, std::string> whole{
    {"local", "root: r"},
    {"edge", "public_url: https://e"},
    {"s3", "bucket: b, access_key_id: env:A, secret_access_key: env:B"},
    {"azure", "account: a, container: con, account_key: env:K"},
    {"gcs", "bucket: b, service_account: env:A"},
    {"swift", "endpoint: https://s, account: AUTH_a, container: c, temp_url_key: env:K"}};

std::string source_of(const std::string& type, std::string_view keys) {
  return "sources: [{name: a, type: " + type + ", " + whole.at(type) + ", " + std::string{keys} +
         "}]";
}

// The problem's text behind its place.
std::string only_problem(const std::string& text) {
  const auto problems = problems_of(text);
  if (problems.size() != 1) return std::to_string(problems.size()) + " problems";
  const auto at = problems[0].find(" sources[0].");
  return at == std::string::npos ? problems[0] : problems[0].substr(at + 12);
}

TEST(ConfigOfRequests, TakesOpaquePathsOnObjectStoresAlone) {
  for (const auto& [type, keys] : whole) {
    const auto text = source_of(type, "path_rules: opaque");
    if (type == "local" || type == "edge") {
      EXPECT_EQ(only_problem(text), "path_rules: not for a source of type " + type);
    } else {
      ASSERT_THAT(problems_of(text), IsEmpty()) << type;
      EXPECT_EQ(parse_config(text, "f", {})->sources[0].rules, path_rules::opaque);
      EXPECT_EQ(parse_config(source_of(type, "path_rules: strict"), "f", {})->sources[0].rules,
                path_rules::strict);
    }
  }
  EXPECT_EQ(only_problem(source_of("s3", "path_rules: loose")),
            "path_rules: expected one of strict, opaque, found `loose`");
}

// What AWS, Azure and Google take of a signature of version 4, and of a delegation key's.
TEST(ConfigOfRequests, TakesLivesOfSevenDaysAtMost) {
  for (const auto& [type, keys] : whole) {
    EXPECT_THAT(problems_of(source_of(type, "max_life: 7d")), IsEmpty()) << type;
    EXPECT_EQ(only_problem(source_of(type, "max_life: 604801")),
              "max_life: expected whole seconds from 1s to 7d, found `604801`")
        << type;
  }
}

TEST(ConfigOfRequests, DatesBackWhereADateIsSigned) {
  for (const auto& [type, keys] : whole) {
    const auto text = source_of(type, "backdate: 15m");
    if (type == "s3" || type == "gcs" || type == "edge") {
      ASSERT_THAT(problems_of(text), IsEmpty()) << type;
      EXPECT_EQ(parse_config(text, "f", {})->sources[0].backdate, 900s);
      EXPECT_EQ(only_problem(source_of(type, "backdate: 901")),
                "backdate: expected whole seconds from 0s to 15m, found `901`");
    } else {
      EXPECT_EQ(only_problem(text), "backdate: not for a source of type " + type);
    }
  }
}

TEST(ConfigOfRequests, CountsTheTimeBeforeASignatureIntoItsLife) {
  EXPECT_THAT(problems_of(source_of("s3", "max_life: 604740, backdate: 60")), IsEmpty());
  for (const auto* type : {"s3", "gcs"}) {
    EXPECT_EQ(only_problem(source_of(type, "max_life: 7d, backdate: 60")),
              "backdate: backdate 1m and max_life 7d together are longer than 7d, the most that "
              "the storage accepts");
  }
  EXPECT_THAT(problems_of(source_of("edge", "max_life: 7d, backdate: 60")), IsEmpty());
}

}  // namespace
}  // namespace filemint::config_request_test
