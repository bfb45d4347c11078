// Whoever else connects to where nodes listen: blocking, with or without TLS.
#pragma once

#include "core/unique_fd.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace filemint::actors::testing {

class stranger {
public:
  explicit stranger(std::uint16_t port) {
    std::signal(SIGPIPE, SIG_IGN);
    socket_ = unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    const timeval most{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  }

  void write(std::string_view bytes) const {
    EXPECT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // The other side has closed: after what it may have sent.
  [[nodiscard]] bool is_closed() const {
    std::array<char, 1024> bytes{};
    ssize_t n = 0;
    do {
      n = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    } while (n > 0);
    return n == 0 || errno == ECONNRESET;
  }

  // TLS from now on; true when the handshake is over on this side.
  bool shake_hands(int version, const std::filesystem::path& certificate = {},
                   const std::filesystem::path& key = {}) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(context_.get(), version);
    if (!certificate.empty()) {
      EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()), 1);
      EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM), 1);
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_.get());
    return SSL_connect(ssl_.get()) == 1;
  }
  // The first bytes inside TLS; empty: there are none.
  std::string read() {
    std::string got(256, '\0');
    std::size_t n = 0;
    SSL_read_ex(ssl_.get(), got.data(), got.size(), &n);
    got.resize(n);
    return got;
  }
  [[nodiscard]] long serial_of_peer() const {
    const std::unique_ptr<X509, decltype(&X509_free)> shown{SSL_get1_peer_certificate(ssl_.get()),
                                                            X509_free};
    return ASN1_INTEGER_get(X509_get0_serialNumber(shown.get()));
  }

private:
  unique_fd socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
};

}  // namespace filemint::actors::testing
