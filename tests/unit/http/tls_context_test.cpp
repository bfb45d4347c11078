// Sessions resumed by tickets, as their keys rotate and as who may be a client changes.
#include "http/tls_context.hpp"

#include "certificate.hpp"
#include "temporary_tree.hpp"
#include "tls_peer.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace filemint::http::tls_context_test {
namespace {

using session_ptr = std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)>;

class Tickets : public ::testing::TestWithParam<int> {
protected:
  [[nodiscard]] tls_config settings() const {
    return {.certificate = tree_.write("c.pem", made_.pem),
            .key = tree_.write("k.pem", made_.key),
            .client_ca = {}};
  }
  [[nodiscard]] std::shared_ptr<const tls_context> context(const tls_config& of) {
    auto made = tls_context::make(of, keys_);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }

  // Whether the session was resumed; leaves the connection's own in its place.
  bool resume(const tls_context& server, session_ptr& session) {
    two_ends ends{server.new_connection()};
    tls_client client{ends.client.get(), GetParam()};
    if (session) SSL_set_session(client.get(), session.get());
    bool ours = false, theirs = false;
    for (int turn = 0; turn < 10 && !(ours && theirs); ++turn) {
      theirs = theirs || client.shake_hands();
      if (!ours) ours = ends.server->handshake().step == io_step::done;
    }
    EXPECT_TRUE(ours && theirs);
    EXPECT_EQ(ends.server->write("a", "b").bytes, 2U);
    EXPECT_EQ(client.read(), "ab");  // and the ticket before it
    session.reset(SSL_get1_session(client.get()));
    SSL_shutdown(client.get());  // or it would forget the session
    return SSL_session_reused(client.get()) == 1;
  }

  const mono_time start_ = mono_clock::now();
  temporary_tree tree_;
  certificate made_;
  ticket_keys keys_{start_};
};

INSTANTIATE_TEST_SUITE_P(Versions, Tickets, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& each) {
                           return each.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST_P(Tickets, ResumeUntilTheirKeyHasRotatedTwice) {
  const auto server = context(settings());
  session_ptr first{nullptr, SSL_SESSION_free};
  EXPECT_FALSE(resume(*server, first));
  auto again = session_ptr{SSL_SESSION_dup(first.get()), SSL_SESSION_free};
  EXPECT_TRUE(resume(*server, again));

  (void)keys_.sealing(start_ + ticket_keys::period);
  again.reset(SSL_SESSION_dup(first.get()));
  EXPECT_TRUE(resume(*server, again)) << "the key of the period before opens it";

  (void)keys_.sealing(start_ + 2 * ticket_keys::period);
  EXPECT_TRUE(resume(*server, again)) << "it was replaced by one under the key of the next";
  EXPECT_FALSE(resume(*server, first)) << "its key is gone";
}

TEST_P(Tickets, OutliveAChangeOfTheCertificate) {
  session_ptr session{nullptr, SSL_SESSION_free};
  EXPECT_FALSE(resume(*context(settings()), session));
  made_ = certificate{};
  EXPECT_TRUE(resume(*context(settings()), session));
}

TEST_P(Tickets, AreWorthNothingOnceOthersMayBeClients) {
  auto asked = settings();
  asked.clients = client_certificates::optional;
  asked.client_ca = tree_.write("ca.pem", certificate{}.pem);
  session_ptr session{nullptr, SSL_SESSION_free};
  EXPECT_FALSE(resume(*context(asked), session));
  EXPECT_TRUE(resume(*context(asked), session));
  tree_.write("ca.pem", certificate{}.pem);
  EXPECT_FALSE(resume(*context(asked), session));
}

}  // namespace
}  // namespace filemint::http::tls_context_test
