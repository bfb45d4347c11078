// The two ends of a connection in memory: ours, and a client's over the other descriptor.
#pragma once

#include "core/unique_fd.hpp"
#include "http/transport.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

// A socketpair with a small send buffer on our side.
class two_ends {
public:
  explicit two_ends(ssl_ptr ours = {}) {
    std::signal(SIGPIPE, SIG_IGN);  // as a node does
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    const int small = 4'096;
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    server.emplace(sockets.add(unique_fd{ends[0]}), std::move(ours));
    client = unique_fd{ends[1]};
  }

  // What lies in the client's socket; empty with `ended` at the end.
  std::string take(std::size_t most = 1 << 20) {
    std::string got(most, '\0');
    const auto n = ::recv(client.get(), got.data(), most, 0);
    ended = n == 0;
    got.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return got;
  }
  void give(std::string_view bytes) const {
    EXPECT_EQ(::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  boost::asio::io_context io;
  ready_sockets sockets{io};
  std::optional<transport> server;
  unique_fd client;
  bool ended = false;
};

// An OpenSSL client on a descriptor, which it does not close.
class tls_client {
public:
  explicit tls_client(int fd, int version = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_max_proto_version(context_.get(), version);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd);
    SSL_set_connect_state(ssl_.get());
  }

  bool shake_hands() { return SSL_do_handshake(ssl_.get()) == 1; }
  void write(std::string_view bytes) {
    EXPECT_EQ(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }
  // One record's bytes; nothing while none is there.
  std::string read() {
    std::string got(20'000, '\0');
    std::size_t n = 0;
    last_ = SSL_read_ex(ssl_.get(), got.data(), got.size(), &n);
    got.resize(n);
    return got;
  }
  // The last read found the server's close_notify.
  bool told_the_end() { return SSL_get_error(ssl_.get(), last_) == SSL_ERROR_ZERO_RETURN; }
  SSL* get() { return ssl_.get(); }

private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  ssl_ptr ssl_;
  int last_ = 1;
};

}  // namespace filemint::http
