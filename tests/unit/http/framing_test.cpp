#include "http/framing.hpp"

#include "heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace filemint::http::framing_test {
namespace {

struct outcome {
  framing_verdict verdict;
  std::string fault;
};

outcome at_once(std::string_view bytes, framing_limits limits = {}) {
  framing f(limits);
  const auto verdict = f.read(bytes);
  return {verdict, std::string(f.fault())};
}

// Each call gets the bytes in a buffer of its own, as when a session's buffer moves.
outcome byte_by_byte(std::string_view bytes, framing_limits limits = {}) {
  framing f(limits);
  std::unique_ptr<char[]> buffer;
  for (std::size_t n = 1; n <= bytes.size(); ++n) {
    auto moved = std::make_unique<char[]>(n);
    bytes.copy(moved.get(), n);
    const auto verdict = f.read({moved.get(), n});
    buffer = std::move(moved);
    if (verdict != framing_verdict::need_more) return {verdict, std::string(f.fault())};
  }
  return {framing_verdict::need_more, {}};
}

using namespace std::string_literals;

std::string with(std::string_view fields) {
  return head_text("POST", "/api/v1/file-access", fields);
}

std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: a\r\n\r\n";
}

std::string host(std::string_view value) {
  return "GET / HTTP/1.1\r\nHost:" + std::string(value) + "\r\n\r\n";
}

const std::vector<std::string> good_heads{
    line("GET / HTTP/1.1"),
    line("GET /a/b?c=d&e=%20 HTTP/1.1"),
    line("GET //a HTTP/1.1"),
    line("GET /-._~!$&'()*+,;=:@ HTTP/1.1"),
    line("GET /? HTTP/1.1"),
    line("BREW /pot HTTP/1.1"),
    line("OPTIONS * HTTP/1.1"),
    line("OPTIONS / HTTP/1.1"),
    line("GET http://files.example/a HTTP/1.1"),
    line("GET HTTPS://files.example:8443/a?b HTTP/1.1"),
    line("GET http://files.example HTTP/1.1"),
    line("GET http://[::1]:8080/a HTTP/1.1"),
    "GET / HTTP/1.0\r\n\r\n"s,
    "GET / HTTP/1.0\r\nHost: a\r\n\r\n"s,
    "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n"s,
    host(" files.example"),
    host("files.example:80"),
    host("\tfiles.example: \t"),
    host(" 127.0.0.1:8080"),
    host(" [2001:db8::1]:80"),
    host(" [::ffff:1.2.3.4]"),
    host(" a%20b"),
    with("X-Empty:\r\n"),
    with("X-Tab: a\tb\r\n"),
    with("X-Latin: caf\xe9\r\n"),
    with("x_under!#$%&'*+-.^`|~: 1\r\n"),
    with("Content-Length: 0\r\n"),
    with("Content-Length: 0012\r\n"),
    with("Content-Length: 18446744073709551615\r\n"),
    with("Transfer-Encoding: chunked\r\n"),
    with("Transfer-Encoding:  CHUNKED \r\n"),
    with("Expect: 100-continue\r\nContent-Length: 3\r\n"),
    with("Connection: close\r\n"),
    with("Authorization: Bearer x\r\n"),
};

const std::vector<std::string> bad_heads{
    // what cannot begin a request line
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"s,
    " GET / HTTP/1.1\r\nHost: a\r\n\r\n"s,
    "\x16\x03\x01\x02"s,
    "\0"s,
    "{"s,
    // the request line
    line("GET  / HTTP/1.1"),
    line("GET /  HTTP/1.1"),
    line("GET / HTTP/1.1 "),
    line("GET\t/ HTTP/1.1"),
    line("GET /a b HTTP/1.1"),
    line("GET /"),
    line("GET"),
    line("G(T / HTTP/1.1"),
    line("GET / HTTP/0.9"),
    line("GET / HTTP/1.2"),
    line("GET / HTTP/2.0"),
    line("PRI * HTTP/2.0"),
    line("GET / http/1.1"),
    line("GET / HTTP/1.10"),
    line("GET / HTTP/01.1"),
    line("GET / HTTP/1.1x"),
    line("GET / HTTPS/1.1"),
    line("GET / "),
    // targets
    line("GET a HTTP/1.1"),
    line("GET ?a HTTP/1.1"),
    line("GET * HTTP/1.1"),
    line("GET files.example:80 HTTP/1.1"),
    line("CONNECT files.example:80 HTTP/1.1"),
    line("CONNECT / HTTP/1.1"),
    line("OPTIONS ** HTTP/1.1"),
    line("GET ftp://a/ HTTP/1.1"),
    line("GET http:/a HTTP/1.1"),
    line("GET http:///a HTTP/1.1"),
    line("GET http://u@a/ HTTP/1.1"),
    line("GET http://a:99999/ HTTP/1.1"),
    line("GET http://[::1/ HTTP/1.1"),
    line("GET /a#b HTTP/1.1"),
    line("GET /a\"b HTTP/1.1"),
    line("GET /a<b HTTP/1.1"),
    line("GET /a\\b HTTP/1.1"),
    line("GET /a|b HTTP/1.1"),
    line("GET /a[b HTTP/1.1"),
    line("GET /a?{b} HTTP/1.1"),
    line("GET /caf\xc3\xa9 HTTP/1.1"),
    line("GET /a\tb HTTP/1.1"),
    line("GET /a\x7f HTTP/1.1"),
    line("GET /a\0b HTTP/1.1"s),
    line("GET /a%2 HTTP/1.1"),
    line("GET /a%zz HTTP/1.1"),
    line("GET /a?b=% HTTP/1.1"),
    // line ends
    "GET / HTTP/1.1\nHost: a\n\n"s,
    "GET / HTTP/1.1\r\nHost: a\n\r\n"s,
    "GET / HTTP/1.1\r\nHost: a\r\n\n"s,
    "GET / HTTP/1.1\rHost: a\r\n\r\n"s,
    "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"s,
    "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"s,
    // field lines
    with("X: a\r\n b\r\n"),
    with("X: a\r\n\tb\r\n"),
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n"s,
    with("X : a\r\n"),
    with("X\t: a\r\n"),
    with(": a\r\n"),
    with("X\r\n"),
    with("X y: a\r\n"),
    with("X(: a\r\n"),
    with("X\xe9: a\r\n"),
    with("X: a\0b\r\n"s),
    with("X: a\x01\r\n"),
    with("X: a\x7f\r\n"),
    with("X: a\x0b\r\n"),
    // Host
    "GET / HTTP/1.1\r\n\r\n"s,
    "GET http://a/ HTTP/1.1\r\n\r\n"s,
    host(""),
    host(" a b"),
    host(" a,b c"),
    host(" a/b"),
    host(" u@a"),
    host(" a:b"),
    host(" a:-1"),
    host(" a:65536"),
    host(" a:80:80"),
    host(" :80"),
    host(" [::1"),
    host(" [::1]x"),
    host(" [a]"),
    host(" [1.2.3.4]"),
    host(" a%2"),
    host(" caf\xe9"),
    "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"s,
    with("Host: files.example\r\n"),
    with("host: b\r\n"),
    // lengths
    with("Content-Length:\r\n"),
    with("Content-Length: +1\r\n"),
    with("Content-Length: -1\r\n"),
    with("Content-Length: 1,1\r\n"),
    with("Content-Length: 1, 1\r\n"),
    with("Content-Length: 0x1\r\n"),
    with("Content-Length: 1a\r\n"),
    with("Content-Length: 1 1\r\n"),
    with("Content-Length: 1.0\r\n"),
    with("Content-Length: 18446744073709551616\r\n"),
    with("Content-Length: 1\r\nContent-Length: 1\r\n"),
    with("Content-Length: 1\r\ncontent-length: 2\r\n"),
    // codings
    with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
    with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
    with("Transfer-Encoding:\r\n"),
    with("Transfer-Encoding: gzip\r\n"),
    with("Transfer-Encoding: identity\r\n"),
    with("Transfer-Encoding: gzip, chunked\r\n"),
    with("Transfer-Encoding: chunked, chunked\r\n"),
    with("Transfer-Encoding: chunked, gzip\r\n"),
    with("Transfer-Encoding: chunked,\r\n"),
    with("Transfer-Encoding: \"chunked\"\r\n"),
    with("Transfer-Encoding: chunked;a=b\r\n"),
    with("Transfer-Encoding: xchunked\r\n"),
    with("Transfer-Encoding: \x0b"
         "chunked\r\n"),
    with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
    with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"s,
    // repeated or unknown
    with("Authorization: Bearer a\r\nAuthorization: Bearer a\r\n"),
    with("Content-Type: application/json\r\nContent-Type: application/json\r\n"),
    with("Expect: 200-maybe\r\n"),
};

TEST(Framing, AcceptsEveryGoodHeadHoweverItComes) {
  for (const auto& head : good_heads) {
    const auto whole = at_once(head);
    EXPECT_EQ(whole.verdict, framing_verdict::complete) << head << whole.fault;
    EXPECT_EQ(byte_by_byte(head).verdict, framing_verdict::complete) << head;
  }
}

TEST(Framing, RefusesEveryBadHeadHoweverItComes) {
  for (const auto& head : bad_heads) {
    const auto whole = at_once(head);
    EXPECT_EQ(whole.verdict, framing_verdict::bad) << head;
    const auto pieces = byte_by_byte(head);
    EXPECT_EQ(pieces.verdict, framing_verdict::bad) << head;
    EXPECT_EQ(pieces.fault, whole.fault) << head;
    EXPECT_FALSE(whole.fault.empty()) << head;
  }
}

TEST(Framing, TellsWhyItRefuses) {
  EXPECT_EQ(at_once(with("X: a\r\n b\r\n")).fault, "a folded field line");
  EXPECT_EQ(at_once(with("X : a\r\n")).fault, "a field name that is no token");
  EXPECT_EQ(at_once("GET / HTTP/2.0\r\n").fault, "a version other than HTTP/1.1 and HTTP/1.0");
  EXPECT_EQ(at_once("GET / HTTP/1.1\r\n\r\n").fault, "no Host");
}

TEST(Framing, RefusesEachControlByteAnywhereInAValue) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool legal = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    for (std::size_t before = 0; before < 17; ++before) {
      const auto value = std::string(before, 'x') + static_cast<char>(byte) + "xxxxxxxxx";
      const auto verdict = at_once(with("X: " + value + "\r\n")).verdict;
      EXPECT_EQ(verdict, legal ? framing_verdict::complete : framing_verdict::bad)
          << byte << " " << before;
    }
  }
}

TEST(Framing, RefusesTheFirstByteThatCannotBeginARequestLine) {
  for (const auto& first : {"\r"s, "\n"s, " "s, "/"s, "\x16"s, "\x80"s, "\0"s}) {
    EXPECT_EQ(at_once(first).verdict, framing_verdict::bad) << first;
  }
  EXPECT_EQ(at_once("G").verdict, framing_verdict::need_more);
  EXPECT_EQ(at_once("").verdict, framing_verdict::need_more);
}

TEST(Framing, RefusesABareLfBeforeTheHeadIsComplete) {
  EXPECT_EQ(at_once("GET / HTTP/1.1\n").verdict, framing_verdict::bad);
  EXPECT_EQ(at_once("GET / HTTP/1.1\r\nHost: a\n").verdict, framing_verdict::bad);
  EXPECT_EQ(at_once("GET / HTTP/1.1\r").verdict, framing_verdict::need_more);
  EXPECT_EQ(at_once("GET / HTTP/1.1\rX").verdict, framing_verdict::bad);
}

TEST(Framing, HoldsAHeadToItsLimitInBytes) {
  const auto sized = [](std::size_t bytes) {
    const auto bare = with("X: \r\n").size();
    return with("X: " + std::string(bytes - bare, 'x') + "\r\n");
  };
  const framing_limits limits{.max_head_bytes = 1000};
  ASSERT_EQ(sized(1000).size(), 1000u);
  EXPECT_EQ(at_once(sized(1000), limits).verdict, framing_verdict::complete);
  EXPECT_EQ(at_once(sized(1001), limits).verdict, framing_verdict::bad);
  EXPECT_EQ(byte_by_byte(sized(1000), limits).verdict, framing_verdict::complete);
  EXPECT_EQ(byte_by_byte(sized(1001), limits).verdict, framing_verdict::bad);
  EXPECT_EQ(at_once(sized(1000) + std::string(5000, 'b'), limits).verdict,
            framing_verdict::complete);
  EXPECT_EQ(at_once("GET /" + std::string(2000, 'a'), limits).verdict, framing_verdict::bad);
}

TEST(Framing, HoldsAHeadToItsLimitInFields) {
  const auto counted = [](int fields) {
    std::string lines;
    for (int i = 1; i < fields; ++i)
      lines += "X-" + std::to_string(i) + ": y\r\n";  // Host is one of them
    return with(lines);
  };
  EXPECT_EQ(at_once(counted(100)).verdict, framing_verdict::complete);
  EXPECT_EQ(at_once(counted(101)).fault, "too many fields");
}

}  // namespace
}  // namespace filemint::http::framing_test
