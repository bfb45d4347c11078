#include "http/client/request_head.hpp"

#include <gtest/gtest.h>

namespace filemint::http::request_head_test {
namespace {

backends::remote_request get(backends::remote_origin to) {
  return {"GET", std::move(to), "/a", {}, {}};
}

std::string written(const backends::remote_request& request) {
  return write_request_head(request).value_or("refused");
}

TEST(RequestHead, NamesThePortWhereItIsNotTheSchemesOwn) {
  EXPECT_EQ(written(get({true, "a.test", 443})), "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n");
  EXPECT_EQ(written(get({false, "a.test", 80})), "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n");
  EXPECT_EQ(written(get({true, "a.test", 80})), "GET /a HTTP/1.1\r\nHost: a.test:80\r\n\r\n");
  EXPECT_EQ(written(get({false, "a.test", 443})), "GET /a HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
  EXPECT_EQ(written(get({true, "::1", 443})), "GET /a HTTP/1.1\r\nHost: [::1]\r\n\r\n");
}

TEST(RequestHead, TellsTheBodysLengthWhereOneIsForeseen) {
  auto request = get({true, "a.test", 443});
  for (const auto* const method : {"POST", "PUT"}) {
    request.method = method;
    EXPECT_NE(written(request).find("\r\nContent-Length: 0\r\n"), std::string::npos);
  }
  request.method = "DELETE";
  EXPECT_EQ(written(request).find("Content-Length"), std::string::npos);
  request.body = "abc";
  EXPECT_NE(written(request).find("\r\nContent-Length: 3\r\n"), std::string::npos);
}

TEST(RequestHead, WritesFieldsAsTheyAre) {
  auto request = get({true, "a.test", 443});
  request.fields = {{"X-Empty", ""}, {"x-a", "b\tc \xc3\xa9"}, {"x-a", "d"}};
  EXPECT_EQ(written(request),
            "GET /a HTTP/1.1\r\nHost: a.test\r\n"
            "X-Empty: \r\nx-a: b\tc \xc3\xa9\r\nx-a: d\r\n\r\n");
}

TEST(RequestHead, IsRefusedWhereItWouldBeReadInAnotherWay) {
  const auto sound = get({true, "a.test", 443});
  ASSERT_NE(written(sound), "refused");
  for (const std::string method : {"", "GE T", "GET\r\n", "CONNECT"}) {
    auto bad = sound;
    bad.method = method;
    EXPECT_EQ(written(bad), "refused") << method;
  }
  for (const std::string target :
       {"", "a", "*", "http://b.test/", "/a b", "/a\rb", "/a\nb", "/a\tb", "/\x7f", "/\xc3\xa9"}) {
    auto bad = sound;
    bad.target = target;
    EXPECT_EQ(written(bad), "refused") << target;
  }
  for (const std::string host : {"", "a b", "a\r\nX: y", "a/b", "a:1", "a@b", "[::1]"}) {
    auto bad = sound;
    bad.to.host = host;
    EXPECT_EQ(written(bad), "refused") << host;
  }
  for (const std::string name : {"", "a b", "a:", "a\r\n", "Host", "CONNECTION", "content-length",
                                 "Transfer-Encoding", "Upgrade", "Expect"}) {
    auto bad = sound;
    bad.fields = {{name, "x"}};
    EXPECT_EQ(written(bad), "refused") << name;
  }
  for (const std::string value : {"a\r\nb", "a\nb", "a\rb", "\x7f", "\x01"}) {
    auto bad = sound;
    bad.fields = {{"x-a", value}};
    EXPECT_EQ(written(bad), "refused") << value;
  }
  auto with_nul = sound;
  with_nul.target = {"/a\0b", 4};
  EXPECT_EQ(written(with_nul), "refused");
}

TEST(RequestHead, KnowsWhatMayBeAskedTwice) {
  for (const auto* const method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    EXPECT_TRUE(is_idempotent(method));
  }
  for (const auto* const method : {"POST", "PATCH", "get", "", "LOCK"}) {
    EXPECT_FALSE(is_idempotent(method));
  }
}

}  // namespace
}  // namespace filemint::http::request_head_test
