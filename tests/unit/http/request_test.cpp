#include "http/request.hpp"

#include "heads.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::http::request_test {
namespace {

std::string with(std::string_view fields) {
  return head_text("POST", "/api/v1/file-access", fields);
}

TEST(Framing, TellsThePartsOfTheTarget) {
  struct row {
    std::string target, path, query;
  };
  for (const auto& [target, path, query] : std::vector<row>{
           {"/a/b", "/a/b", ""},
           {"/a?b=c?d", "/a", "b=c?d"},
           {"/a%2Fb?", "/a%2Fb", ""},
           {"http://h/a?b", "/a", "b"},
           {"http://h?b", "", "b"},
           {"https://h", "", ""},
       }) {
    const parsed_head head(head_text("GET", target));
    EXPECT_EQ(head->target, target);
    EXPECT_EQ(head->path, path) << target;
    EXPECT_EQ(head->query, query) << target;
  }
}

TEST(Framing, TakesAnAbsoluteFormsAuthorityForTheHost) {
  const std::string fields = " HTTP/1.1\r\nHost: other.example\r\n\r\n";
  EXPECT_EQ(parsed_head("GET /a" + fields)->host, "other.example");
  EXPECT_EQ(parsed_head("OPTIONS *" + fields)->host, "other.example");
  EXPECT_EQ(parsed_head("GET http://files.example:81/a?b" + fields)->host, "files.example:81");
  EXPECT_EQ(parsed_head("GET https://[::1]?b" + fields)->host, "[::1]");
  EXPECT_EQ(parsed_head("GET HTTP://files.example HTTP/1.0\r\n\r\n")->host, "files.example");
}

TEST(Framing, TellsTheBodysLengthAndHowItIsCoded) {
  const parsed_head none(with(""));
  EXPECT_FALSE(none->has_body());
  const parsed_head sized(with("content-length: 42\r\n"));
  EXPECT_EQ(sized->content_length, 42u);
  EXPECT_TRUE(sized->has_body());
  EXPECT_FALSE(sized->chunked);
  const parsed_head chunked(with("Transfer-Encoding: Chunked\r\n"));
  EXPECT_TRUE(chunked->chunked);
  EXPECT_TRUE(chunked->has_body());
}

TEST(Framing, TellsWhetherTheConnectionLives) {
  struct row {
    std::string version, fields;
    bool lives;
  };
  for (const auto& [version, fields, lives] : std::vector<row>{
           {"1.1", "", true},
           {"1.1", "Connection: close\r\n", false},
           {"1.1", "Connection: x, Close\r\n", false},
           {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
           {"1.1", "Connection: closed\r\n", true},
           {"1.0", "", false},
           {"1.0", "Connection: Keep-Alive\r\n", true},
           {"1.0", "Connection: keep-alive, close\r\n", false},
       }) {
    const parsed_head head("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n");
    EXPECT_EQ(head->keep_alive, lives) << version << fields;
  }
}

TEST(Framing, HeedsAnExpectationOnHttp11Alone) {
  EXPECT_TRUE(parsed_head(with("Expect: 100-Continue\r\n"))->expect_continue);
  EXPECT_FALSE(parsed_head("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")->expect_continue);
  EXPECT_FALSE(parsed_head(with(""))->expect_continue);
}

TEST(Framing, TakesOverARequestIdOfLegalFormThatStandsOnce) {
  EXPECT_EQ(parsed_head(with("X-Request-Id: a.B_c-9\r\n"))->request_id, "a.B_c-9");
  EXPECT_EQ(parsed_head(with("X-Request-Id: " + std::string(128, 'a') + "\r\n"))->request_id.size(),
            128u);
  for (const auto* refused : {"X-Request-Id:\r\n", "X-Request-Id: a b\r\n", "X-Request-Id: a/b\r\n",
                              "X-Request-Id: a\r\nX-Request-Id: b\r\n", "Y: b\r\n"}) {
    EXPECT_EQ(parsed_head(with(refused))->request_id, "") << refused;
  }
  EXPECT_EQ(parsed_head(with("X-Request-Id: " + std::string(129, 'a') + "\r\n"))->request_id, "");
  const auto key = "fm_t1IBHGUOXEbR_" + std::string(43, 'a') + "_5EcO2x";
  EXPECT_EQ(parsed_head(with("X-Request-Id: " + key + "\r\n"))->request_id, "") << "it is logged";
}

TEST(Framing, TellsContentCodingsOtherThanIdentity) {
  EXPECT_FALSE(parsed_head(with(""))->content_encoded);
  EXPECT_FALSE(parsed_head(with("Content-Encoding: Identity\r\n"))->content_encoded);
  EXPECT_TRUE(parsed_head(with("Content-Encoding: gzip\r\n"))->content_encoded);
  EXPECT_TRUE(parsed_head(with("Content-Encoding: gzip\r\nContent-Encoding: identity\r\n"))
                  ->content_encoded);
}

TEST(Framing, LeavesTheBodyAndTheNextRequestAlone) {
  const auto first = with("Content-Length: 3\r\n");
  const std::string bytes = first + std::string("\n\0\x01GET / HT", 11);
  framing f;
  ASSERT_EQ(f.read(bytes), framing_verdict::complete);
  EXPECT_EQ(f.head().head_size, first.size());
  f.reset();
  EXPECT_EQ(f.read(std::string_view(bytes).substr(first.size() + 3)), framing_verdict::need_more);
}

TEST(Framing, FollowsABufferThatMoves) {
  const auto text = head_text("GET", "/a?b=c",
                              "Authorization: Bearer k\r\nX-Request-Id: id\r\nRange: bytes=0-\r\n");
  framing f;
  ASSERT_EQ(f.read(text), framing_verdict::complete);
  const std::string moved = text;
  f.rebase(moved.data());
  const auto& head = f.head();
  for (const auto view : {head.method_text, head.target, head.path, head.query, head.fields,
                          head.request_id, *head.host, *head.authorization}) {
    EXPECT_GE(view.data(), moved.data());
    EXPECT_LE(view.data() + view.size(), moved.data() + moved.size());
  }
  EXPECT_EQ(head.query, "b=c");
  EXPECT_EQ(*head.authorization, "Bearer k");
  EXPECT_EQ(head.field("range"), "bytes=0-");
}

TEST(Request, FindsFieldsByName) {
  const parsed_head head(
      head_text("GET", "/", "If-None-Match: \"a\"\r\nX-Once:\t1 \r\nif-none-match: \"b\"\r\n"));
  EXPECT_EQ(head->field("x-once"), "1");
  EXPECT_EQ(head->sole_field("x-once"), "1");
  EXPECT_EQ(head->field("if-none-match"), "\"a\"");
  EXPECT_EQ(head->sole_field("if-none-match"), std::nullopt);
  EXPECT_EQ(head->joined_field("if-none-match"), "\"a\", \"b\"");
  EXPECT_EQ(head->field("x-onc"), std::nullopt);
  EXPECT_EQ(head->joined_field("range"), std::nullopt);
}

}  // namespace
}  // namespace filemint::http::request_test
