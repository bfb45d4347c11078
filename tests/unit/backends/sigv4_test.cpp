#include "backends/sigv4.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::backends::sigv4_test {
namespace {

using namespace std::chrono_literals;

// AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", its example.
constexpr wall_time example_time{1'369'353'600s};  // 2013-05-24T00:00:00Z
const sigv4_scope example_scope{.region = "us-east-1", .service = "s3"};

aws_credentials example_credentials(std::string session_token = {}) {
  return {.access_key_id = "AKIAIOSFODNN7EXAMPLE",
          .secret_access_key = secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
          .session_token = secret{std::move(session_token)}};
}

sigv4_presigner signer_of(const aws_credentials& who, const presign_terms& terms) {
  return {who, std::make_shared<sigv4_key>(who.secret_access_key, example_scope, terms.at), terms};
}

presign_terms example_terms() {
  return {.host = "examplebucket.s3.amazonaws.com",
          .uri_prefix = "/",
          .at = example_time,
          .expires_in = 86'400s};
}

std::vector<std::string> sign(const sigv4_presigner& by,
                              const std::vector<std::string_view>& names) {
  std::vector<file_path> paths;
  for (const auto name : names) paths.push_back(file_path::make(name).value());
  std::vector<std::string> tokens;
  for (const auto path : paths) tokens.emplace_back(by.token_size(path), '#');
  std::vector<char*> places;
  for (auto& token : tokens) places.push_back(token.data());
  by.sign(paths, places);
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(places[i], tokens[i].data() + tokens[i].size());
  return tokens;
}

TEST(Sigv4, GivesThePublishedExample) {
  const auto who = example_credentials();
  EXPECT_EQ(sign(signer_of(who, example_terms()), {"test.txt"}).front(),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

// As a parameter of all would be signed; one that sorts behind it stays behind.
TEST(Sigv4, SignsTheNameToSaveAFileUnder) {
  const std::vector<api::file_name> names{{"b", "größe.pdf"}, {"c", "c.pdf"}};
  const std::vector<sigv4_parameter> version{{"versionId", "3"}};
  auto named = example_terms();
  named.more = version;
  named.saved_as = api::attachments{names};
  const auto who = example_credentials();
  const auto tokens = sign(signer_of(who, named), {"a", "b", "c"});
  auto plain = example_terms();
  plain.more = version;
  EXPECT_EQ(tokens[0], sign(signer_of(who, plain), {"a"}).front());
  const std::vector<sigv4_parameter> by_hand{
      {"response-content-disposition",
       "attachment; filename=\"gr__e.pdf\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.pdf"},
      {"versionId", "3"}};
  plain.more = by_hand;
  EXPECT_EQ(tokens[1], sign(signer_of(who, plain), {"b"}).front());
  EXPECT_TRUE(
      tokens[2].contains("&X-Amz-SignedHeaders=host&response-content-disposition=attachment"
                         "%3B%20filename%3D%22c.pdf%22&versionId=3&X-Amz-Signature="));
}

TEST(Sigv4, SignsEachOfManyAsItWouldAlone) {
  const auto who = example_credentials();
  const auto signer = signer_of(who, example_terms());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sigv4_presigner::at_once; ++i)
    names.push_back(std::string(1 + i * 7, 'a'));
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto together = sign(signer, views);
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(together[i], sign(signer, {views[i]}).front());
}

// By their encoded names, in the order of bytes, whatever of it comes from where.
TEST(Sigv4, SortsAndEncodesAllParameters) {
  const auto who = example_credentials("a+b/c=");
  const std::array more{sigv4_parameter{"versionId", "3/L4kqtJ"},
                        sigv4_parameter{"response-content-disposition", "attachment; filename=a b"},
                        sigv4_parameter{"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"}};
  auto terms = example_terms();
  terms.more = more;
  const auto token = sign(signer_of(who, terms), {"test.txt"}).front();
  EXPECT_EQ(token.substr(0, token.rfind('&')),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
            "&X-Amz-Security-Token=a%2Bb%2Fc%3D&X-Amz-SignedHeaders=host"
            "&response-content-disposition=attachment%3B%20filename%3Da%20b"
            "&versionId=3%2FL4kqtJ");
}

TEST(Sigv4, AKeySignsOnItsDayAlone) {
  const auto who = example_credentials();
  const sigv4_key key{who.secret_access_key, example_scope, example_time + 5h};
  EXPECT_TRUE(key.signs_at(example_time));
  EXPECT_TRUE(key.signs_at(example_time + 24h - 1s));
  EXPECT_FALSE(key.signs_at(example_time + 24h));
  EXPECT_FALSE(key.signs_at(example_time - 1s));
  EXPECT_EQ(key.scope(), "20130524/us-east-1/s3/aws4_request");
}

}  // namespace
}  // namespace filemint::backends::sigv4_test
