#include "http/tls_server.hpp"

#include "certificate.hpp"
#include "temporary_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace filemint::http::tls_server_test {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class TlsServer : public ::testing::Test {
protected:
  void SetUp() override { write(certificate{}); }

  void write(const certificate& made) const {
    tree_.write("cert.pem", made.pem);
    tree_.write("key.pem", made.key);
  }
  [[nodiscard]] tls_config settings() const {
    return {
        .certificate = tree_.root() / "cert.pem", .key = tree_.root() / "key.pem", .client_ca = {}};
  }
  [[nodiscard]] std::string refused(const tls_config& asked) const {
    const auto opened = tls_server::open(asked, "a", mono_clock::now());
    return opened ? "" : opened.error().message;
  }
  [[nodiscard]] std::unique_ptr<tls_server> opened() const {
    auto made = tls_server::open(settings(), "127.0.0.1:8443", mono_clock::now());
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }

  temporary_tree tree_;
};

TEST_F(TlsServer, GivesConnectionsAndTellsWhenItsCertificateExpires) {
  const auto server = opened();
  EXPECT_NE(server->new_connection(), nullptr);
  EXPECT_NEAR(static_cast<double>(unix_seconds(server->expires()) - unix_seconds(wall_now())),
              86'400, 60);
}

TEST_F(TlsServer, TellsTheFirstOfAChainToExpire) {
  const certificate brief{3'600};
  const certificate leaf;
  tree_.write("cert.pem", leaf.pem + brief.pem);
  tree_.write("key.pem", leaf.key);
  EXPECT_NEAR(static_cast<double>(unix_seconds(opened()->expires()) - unix_seconds(wall_now())),
              3'600, 60);
}

TEST_F(TlsServer, RefusesWithASentenceThatNamesTheFile) {
  auto asked = settings();
  asked.certificate = "/none/cert.pem";
  EXPECT_EQ(refused(asked), "/none/cert.pem: No such file or directory");
  asked = settings();
  asked.key = tree_.write("other.pem", certificate{}.key);
  EXPECT_THAT(refused(asked), HasSubstr("other.pem: the key does not belong to the certificate"));
  asked.key = asked.certificate;
  EXPECT_THAT(refused(asked), HasSubstr("cert.pem: there is no PEM private key in it"));
  asked = settings();
  asked.certificate = asked.key;
  EXPECT_THAT(refused(asked), HasSubstr("key.pem: there is no PEM certificate in it"));
  asked.certificate = tree_.write("broken.pem", certificate{}.pem.replace(60, 8, "AAAAAAAA"));
  EXPECT_THAT(refused(asked), HasSubstr("broken.pem: a certificate in it is broken"));
  asked = settings();
  asked.clients = client_certificates::required;
  asked.client_ca = "/none/ca.pem";
  EXPECT_EQ(refused(asked), "/none/ca.pem: No such file or directory");
}

TEST_F(TlsServer, RefusesAKeyWithAPassword) {
  auto asked = settings();
  asked.key = tree_.write("locked.pem",
                          "-----BEGIN RSA PRIVATE KEY-----\n"
                          "Proc-Type: 4,ENCRYPTED\n"
                          "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n"
                          "AAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n");
  EXPECT_THAT(refused(asked), HasSubstr("locked.pem: the key has a password"));
}

TEST_F(TlsServer, ReadsItsFilesAnewWhenTheyHaveChangedAndStoodStillForALook) {
  const auto server = opened();
  EXPECT_FALSE(server->look()) << "nothing has changed";
  write(certificate{30 * 86'400});
  EXPECT_FALSE(server->look()) << "they may still be being written";
  const auto done = server->look();
  ASSERT_TRUE(done);
  EXPECT_TRUE(*done);
  EXPECT_GT(server->expires(), wall_now() + 29 * 24h);
  EXPECT_FALSE(server->look());
}

TEST_F(TlsServer, KeepsWhatItHasAndSaysOnceThatTheNewPairIsWrong) {
  const auto server = opened();
  const auto before = server->expires();
  tree_.write("cert.pem", certificate{30 * 86'400}.pem);
  EXPECT_FALSE(server->look());
  const auto done = server->look();
  ASSERT_TRUE(done);
  EXPECT_FALSE(*done);
  EXPECT_EQ(server->expires(), before);
  EXPECT_NE(server->new_connection(), nullptr);
  EXPECT_FALSE(server->look()) << "it was told already";
  EXPECT_FALSE(server->reload()) << "but not to who asks";
}

}  // namespace
}  // namespace filemint::http::tls_server_test
