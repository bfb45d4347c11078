#include "pool_fixture.hpp"

namespace filemint::http::client_pool_tls_test {
namespace {

using namespace std::chrono_literals;

class ClientPoolTls : public pool_fixture {
protected:
  using files = testing::authority::files;

  ClientPoolTls() {
    for (const auto* const host : {"storage.test", "a.storage.test", "other.test"}) {
      names.put(host, std::vector<std::string>{"127.0.0.1"});
    }
    pool({.ca_file = trusted.issue("any").ca});
  }

  static reply hello(const http_peer::asked&) { return {http_peer::ok("hello")}; }
  static backends::remote_request at(const http_peer& peer, std::string host,
                                     std::string method = "GET") {
    return {std::move(method), {true, std::move(host), peer.port()}, "/", {}, {}};
  }
  // How a server with that certificate is found by that name.
  std::string met(const files& with, const std::string& host, int version = TLS1_3_VERSION) {
    http_peer peer{hello, with, version};
    return body(at(peer, host));
  }
  const std::string untrusted = "fault " + std::to_string(static_cast<int>(fault::untrusted));

  testing::authority trusted, stranger;
};

TEST_F(ClientPoolTls, TrustsACertificateForTheHost) {
  EXPECT_EQ(met(trusted.issue("storage.test"), "storage.test"), "hello");
  EXPECT_EQ(met(trusted.issue("storage.test"), "storage.test", TLS1_2_VERSION), "hello");
  EXPECT_EQ(met(trusted.issue("wild", "DNS:*.storage.test"), "a.storage.test"), "hello");
  EXPECT_EQ(met(trusted.issue("address", "IP:127.0.0.1"), "127.0.0.1"), "hello");
  EXPECT_EQ(pool().counts().connections_tls, 4U);
}

TEST_F(ClientPoolTls, TrustsNoOther) {
  EXPECT_EQ(met(trusted.issue("storage.test"), "other.test"), untrusted);
  EXPECT_EQ(met(trusted.issue("wild", "DNS:*.storage.test"), "storage.test"), untrusted);
  EXPECT_EQ(met(trusted.issue("partial", "DNS:a*.storage.test"), "a.storage.test"), untrusted);
  EXPECT_EQ(met(trusted.issue("storage.test"), "127.0.0.1"), untrusted);
  EXPECT_EQ(met(trusted.issue("127.0.0.1", "DNS:127.0.0.1"), "127.0.0.1"), untrusted);
  EXPECT_EQ(met(trusted.issue("address", "IP:127.0.0.2"), "127.0.0.1"), untrusted);
  // Its subject alone is for the host.
  EXPECT_EQ(met(trusted.issue("storage.test", "email:a@b.test"), "storage.test"), untrusted);
  EXPECT_EQ(met(stranger.issue("storage.test"), "storage.test"), untrusted);
  EXPECT_EQ(met(trusted.self_signed("storage.test"), "storage.test"), untrusted);
  EXPECT_EQ(pool().counts().retried, 0U) << "a second look does not make it better";
  EXPECT_EQ(pool().counts().connections_tls, 0U);
}

TEST_F(ClientPoolTls, SendsNothingToWhomItDoesNotTrust) {
  http_peer peer{hello, stranger.issue("storage.test")};
  EXPECT_EQ(body(at(peer, "storage.test")), untrusted);
  EXPECT_TRUE(peer.requests().empty());
}

TEST_F(ClientPoolTls, TrustsTheSystemsAuthoritiesWithoutAFile) {
  client_pool_terms terms{.names = &names};
  const auto other = client_pool::start(terms);
  ASSERT_TRUE(other) << other.error().message;
  http_peer peer{hello, trusted.issue("storage.test")};
  std::promise<outcome> told;
  (*other)->fetch(at(peer, "storage.test"), {ample},
                  [&](outcome found) { told.set_value(std::move(found)); });
  EXPECT_EQ(told.get_future().get().error(), fault::untrusted) << "a test's authority is none";
}

TEST_F(ClientPoolTls, SaysWhichFileOfAuthoritiesIsWrong) {
  const auto none = client_pool::start({.ca_file = "/none/ca.pem"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "/none/ca.pem: No such file or directory");
}

TEST_F(ClientPoolTls, UsesAConnectionAgainAndThenASession) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    http_peer peer{[](const auto& asked) {
                     return reply{http_peer::ok(
                         "hello", asked.nth == 1 ? "Connection: close\r\n" : std::string{})};
                   },
                   trusted.issue("storage.test"), version};
    for (int i = 0; i < 6; ++i) EXPECT_EQ(body(at(peer, "storage.test")), "hello");
    EXPECT_EQ(peer.accepted(), 3);
    EXPECT_EQ(peer.resumed(), 2);
  }
  EXPECT_EQ(pool().counts().connections_resumed, 4U);
}

TEST_F(ClientPoolTls, NeverUsesASessionForAnotherHost) {
  http_peer peer{[](const auto&) { return reply{http_peer::ok("hello", "Connection: close\r\n")}; },
                 trusted.issue("storage.test")};
  EXPECT_EQ(body(at(peer, "storage.test")), "hello");
  EXPECT_EQ(body(at(peer, "other.test")), untrusted);
  EXPECT_EQ(peer.resumed(), 0);
}

TEST_F(ClientPoolTls, AnEndThatIsNotSaidIsBroken) {
  // Without a length the end of the bytes is the answer's, which anybody between could cut.
  http_peer peer{[](const auto&) { return reply{"HTTP/1.1 200 OK\r\n\r\nhel", ending::close}; },
                 trusted.issue("storage.test")};
  EXPECT_EQ(ask(at(peer, "storage.test")).error(), fault::broken);
}

TEST_F(ClientPoolTls, AServerThatSpeaksPlainlyIsBroken) {
  http_peer peer{hello};
  // It waits for the end of a head, which a greeting does not have: so it is closed.
  EXPECT_EQ(ask(at(peer, "storage.test"), {100ms}).error(), fault::timed_out);

  http_peer other{hello, trusted.issue("storage.test")};
  auto plain = at(other, "storage.test");
  plain.to.secure = false;
  EXPECT_EQ(ask(plain).error(), fault::broken);
}

TEST_F(ClientPoolTls, NoticesAConnectionThatTheServerClosed) {
  http_peer peer{hello, trusted.issue("storage.test")};
  EXPECT_EQ(body(at(peer, "storage.test", "POST")), "hello");
  peer.close_all();
  EXPECT_EQ(body(at(peer, "storage.test", "POST")), "hello");
  EXPECT_EQ(peer.accepted(), 2);
}

}  // namespace
}  // namespace filemint::http::client_pool_tls_test
