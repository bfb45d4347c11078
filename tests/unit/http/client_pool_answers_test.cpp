// What is an answer, how long it may take, and what is tried again.
#include "http/client/client_connection.hpp"
#include "pool_fixture.hpp"

namespace filemint::http::client_pool_answers_test {
namespace {

using namespace std::chrono_literals;

class ClientPoolAnswers : public pool_fixture {
protected:
  // One answer to a GET, after which the server does that.
  std::string told(const std::string& bytes, ending then = ending::close,
                   std::size_t max_body_bytes = 1024) {
    http_peer peer{[&](const auto&) { return reply{bytes, then}; }};
    return body(to(peer.port()), {ample, max_body_bytes});
  }
  static std::string number(fault which) {
    return "fault " + std::to_string(static_cast<int>(which));
  }
  const std::string broken = number(fault::broken);
};

TEST_F(ClientPoolAnswers, HaveTheirLengthInManyWays) {
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ending::hang), "hello");
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n",
                 ending::hang),
            "hello");
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\n\r\nhello"), "hello");
  EXPECT_EQ(told("HTTP/1.0 200 OK\r\n\r\nhello"), "hello");
  EXPECT_EQ(told("HTTP/1.1 204 No Content\r\n\r\n", ending::hang), "");
  EXPECT_EQ(told("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ending::hang), "");
}

TEST_F(ClientPoolAnswers, ToHeadHaveNoBody) {
  http_peer peer{[](const auto&) {
    return reply{"HTTP/1.1 200 OK\r\nContent-Length: 123456789\r\nETag: \"a\"\r\n\r\n"};
  }};
  for (int i = 0; i < 2; ++i) {
    const auto found = ask(to(peer.port(), "HEAD"), {ample, 10});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->field("etag"), "\"a\"");
    EXPECT_EQ(found->body, "");
  }
  EXPECT_EQ(peer.accepted(), 1);
}

TEST_F(ClientPoolAnswers, ComeBehindInterimOnes) {
  const std::string interim =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n";
  EXPECT_EQ(told(interim + http_peer::ok("hello"), ending::hang), "hello");
  std::string many;
  for (int i = 0; i < client_connection::max_interim_answers; ++i) many += "HTTP/1.1 100 C\r\n\r\n";
  EXPECT_EQ(told(many + http_peer::ok("hello"), ending::hang), "hello");
  EXPECT_EQ(told(many + "HTTP/1.1 100 C\r\n\r\n" + http_peer::ok("hello"), ending::hang), broken);
  EXPECT_EQ(told("HTTP/1.1 101 Switching\r\n\r\n" + http_peer::ok("hello"), ending::hang), broken);
}

TEST_F(ClientPoolAnswers, ThatAreNoneAreBroken) {
  EXPECT_EQ(told("SSH-2.0-OpenSSH_9.2\r\n"), broken);
  EXPECT_EQ(told("\x15\x03\x03\x00\x02\x02\x46"), broken);
  EXPECT_EQ(told("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", ending::hang), broken);
  EXPECT_EQ(told("HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n", ending::hang), broken);
  EXPECT_EQ(told("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", ending::hang), broken);
  EXPECT_EQ(
      told("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", ending::hang),
      broken);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
                 ending::hang),
            broken);
  for (const std::string coding : {"gzip", "gzip, chunked", "identity"}) {
    EXPECT_EQ(
        told("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + "\r\n\r\n2\r\nhe\r\n0\r\n\r\n"),
        broken)
        << coding;
  }
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", ending::hang),
            broken);
}

TEST_F(ClientPoolAnswers, ThatEndEarlyAreBroken) {
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Le"), broken);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"), broken);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", ending::reset), broken);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), broken);
}

TEST_F(ClientPoolAnswers, HaveBounds) {
  EXPECT_EQ(told(http_peer::ok("hello"), ending::hang, 5), "hello");
  EXPECT_EQ(told(http_peer::ok("hello"), ending::hang, 4), broken);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\n\r\nhello", ending::close, 4), broken);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                 ending::hang, 4),
            broken);
  const auto head = [](std::size_t bytes) { return "A: " + std::string(bytes, 'a') + "\r\n"; };
  EXPECT_EQ(told(http_peer::ok("hello", head(31 * 1024)), ending::hang), "hello");
  EXPECT_EQ(told(http_peer::ok("hello", head(32 * 1024)), ending::hang), broken);
  const std::string large(200'000, 'x');
  EXPECT_EQ(told(http_peer::ok(large), ending::hang, large.size()), large);
}

TEST_F(ClientPoolAnswers, ThatCloseTheirConnectionLeaveNone) {
  for (const auto* const text :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more"}) {
    http_peer peer{[&](const auto&) { return reply{text, ending::hang}; }};
    EXPECT_EQ(body(to(peer.port())), "ok") << text;
    EXPECT_EQ(body(to(peer.port())), "ok") << text;
    EXPECT_EQ(peer.accepted(), 2) << text;
  }
  http_peer peer{[](const auto&) {
    return reply{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"};
  }};
  EXPECT_EQ(body(to(peer.port())), "ok");
  EXPECT_EQ(body(to(peer.port())), "ok");
  EXPECT_EQ(peer.accepted(), 1);
}

TEST_F(ClientPoolAnswers, ThatLeadElsewhereAreNotFollowed) {
  http_peer peer{[](const auto&) {
    return reply{"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"};
  }};
  EXPECT_EQ(ask(to(peer.port()))->status, 302U);
  EXPECT_EQ(peer.requests().size(), 1U);
}

TEST_F(ClientPoolAnswers, MayComeAByteAtATime) {
  http_peer peer{[](const auto&) { return reply{http_peer::ok("hello"), ending::keep, true}; }};
  EXPECT_EQ(body(to(peer.port())), "hello");
}

// ---- deadlines

TEST_F(ClientPoolAnswers, ThatTakeTooLongTimeOut) {
  http_peer hangs{[](const auto&) { return reply{"", ending::hang}; }};
  EXPECT_EQ(ask(to(hangs.port()), {50ms}).error(), fault::timed_out);
  EXPECT_TRUE(hangs.awaits_standing(0)) << "its connection is closed";

  http_peer drips{[](const auto&) {
    return reply{http_peer::ok(std::string(100'000, 'x')), ending::keep, true};
  }};
  const auto began = mono_clock::now();
  EXPECT_EQ(ask(to(drips.port()), {100ms, 1 << 20}).error(), fault::timed_out);
  EXPECT_GE(mono_clock::now() - began, 100ms);
  EXPECT_LT(mono_clock::now() - began, 10s);
  EXPECT_EQ(faults(fault::timed_out), 2U);
}

TEST_F(ClientPoolAnswers, AreAwaitedInLineNoLongerThanAllowed) {
  http_peer peer{[](const auto&) { return reply{"", ending::hang}; }};
  pool({.max_connections = 1});
  auto first = begin(to(peer.port()));
  ASSERT_TRUE(peer.awaits_requests(1));
  EXPECT_EQ(ask(to(peer.port()), {50ms}).error(), fault::timed_out);
  EXPECT_EQ(peer.requests().size(), 1U);
  EXPECT_EQ(pool().counts().waiting, 0);
  pool().stop();
  EXPECT_EQ(first.get().error(), fault::busy);
}

TEST_F(ClientPoolAnswers, LeaveTheirPlaceToWhoWaits) {
  http_peer peer{[](const auto& asked) {
    return asked.connection == 0 ? reply{"", ending::hang} : reply{http_peer::ok("hello")};
  }};
  pool({.max_connections = 1});
  auto first = begin(to(peer.port()), {200ms});
  ASSERT_TRUE(peer.awaits_requests(1));
  EXPECT_EQ(body(to(peer.port())), "hello");
  EXPECT_EQ(first.get().error(), fault::timed_out);
}

// ---- second tries

TEST_F(ClientPoolAnswers, NoticeAConnectionThatTheServerClosed) {
  http_peer peer{[](const auto&) { return reply{http_peer::ok("hello")}; }};
  EXPECT_EQ(body(to(peer.port(), "POST")), "hello");
  peer.close_all();
  EXPECT_EQ(body(to(peer.port(), "POST")), "hello") << "before it was asked on it";
  EXPECT_EQ(peer.accepted(), 2);
  EXPECT_EQ(pool().counts().retried, 0U);
}

TEST_F(ClientPoolAnswers, AreAskedForOnceMoreOnANewConnection) {
  for (const auto how : {ending::close, ending::reset}) {
    http_peer peer{[&](const auto& asked) {
      return asked.nth == 0 ? reply{http_peer::ok("hello")} : reply{"", how};
    }};
    EXPECT_EQ(body(to(peer.port())), "hello");
    EXPECT_EQ(body(to(peer.port())), "hello");
    EXPECT_EQ(peer.accepted(), 2);
    EXPECT_EQ(peer.requests().size(), 3U);
  }
  EXPECT_EQ(pool().counts().retried, 2U);
}

TEST_F(ClientPoolAnswers, AreNotAskedForAThirdTime) {
  http_peer peer{[](const auto&) { return reply{"", ending::close}; }};
  EXPECT_EQ(body(to(peer.port())), broken);
  EXPECT_EQ(peer.requests().size(), 2U);
}

TEST_F(ClientPoolAnswers, AreNotAskedForTwiceWhereThatMayDoTwice) {
  http_peer peer{[](const auto&) { return reply{"", ending::close}; }};
  EXPECT_EQ(body(to(peer.port(), "POST")), broken);
  EXPECT_EQ(peer.requests().size(), 1U);
}

TEST_F(ClientPoolAnswers, ThatHaveBegunAreNotAskedForAgain) {
  for (const auto* const text :
       {"H", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    http_peer peer{[&](const auto&) { return reply{text, ending::close}; }};
    EXPECT_EQ(body(to(peer.port())), broken);
    EXPECT_EQ(peer.requests().size(), 1U) << text;
  }
}

TEST_F(ClientPoolAnswers, DoNotComeFromWhereNobodyListens) {
  std::uint16_t port = 0;
  {
    const http_peer gone{[](const auto&) { return reply{}; }};
    port = gone.port();
  }
  for (auto& each : begin_many(20, to(port))) {
    EXPECT_EQ(each.get().error(), fault::unreachable);
  }
  EXPECT_EQ(faults(fault::unreachable), 20U);
  EXPECT_EQ(pool().counts().retried, 20U);
  EXPECT_EQ(pool().counts().open, 0);
}

TEST_F(ClientPoolAnswers, ToWhatCannotBeSentAreBroken) {
  http_peer peer{[](const auto&) { return reply{http_peer::ok("hello")}; }};
  auto request = to(peer.port(), "GET", "/a\r\nX: y");
  EXPECT_EQ(body(request), broken);
  EXPECT_EQ(peer.accepted(), 0);
}

}  // namespace
}  // namespace filemint::http::client_pool_answers_test
