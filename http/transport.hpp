// The bytes of one connection: a stream socket (TCP or unix), in plaintext or under TLS by an
// OpenSSL SSL directly over the descriptor. Nothing here waits or buffers of its own accord: a call
// moves what it can, and who called waits for the socket to become ready. An idle TLS connection so
// holds no record buffer.
#pragma once

#include "http/ready_sockets.hpp"

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace filemint::http {

enum class io_step : std::uint8_t {
  done,         // something was moved
  would_block,  // nothing was: wait, then ask the same again
  ended         // the connection is over, by the peer or by a fault
};

struct io_result {
  io_step step = io_step::would_block;
  std::size_t bytes = 0;  // moved; 0 but for done
};

struct ssl_deleter {
  void operator()(SSL* ssl) const noexcept;
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

// One thread at a time. After `ended` only close() makes sense.
class transport {
public:
  static constexpr std::size_t largest_record = 16 * 1024;

  // With an SSL, which is the server's side: TLS. It takes the socket's descriptor.
  transport(ready_socket::pointer socket, ssl_ptr ssl);
  ~transport() { close(); }
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  [[nodiscard]] bool is_tls() const noexcept { return ssl_ != nullptr; }

  // TLS alone, and before anything else.
  [[nodiscard]] io_result handshake() { return tls_handshake(); }

  // What is there, up to `into`.
  [[nodiscard]] io_result read(std::span<char> into) {
    return ssl_ == nullptr ? plain_read(into) : tls_read(into);
  }

  // The two as one: a single system call in plaintext, a record of up to 16 KiB under TLS. After
  // would_block the next call must begin with the same bytes.
  [[nodiscard]] io_result write(std::string_view head, std::string_view body) {
    return ssl_ == nullptr ? plain_write(head, body) : tls_write(head, body);
  }

  // `ready` runs once a read or a write can get on; never from within. It finds the connection
  // closed where that was meanwhile.
  void wait_read(ready_socket::handler ready);
  void wait_write(ready_socket::handler ready);

  // Sent bytes that the peer's side has not acknowledged; under TLS with what records add.
  [[nodiscard]] std::int64_t unacknowledged() const noexcept;

  // Half-closes: the peer reads an end behind what was written.
  void shutdown_send() noexcept;
  // Ends at once: what was written and not taken is dropped.
  void reset() noexcept;
  void close() noexcept;

private:
  [[nodiscard]] io_result plain_read(std::span<char> into);
  [[nodiscard]] io_result plain_write(std::string_view head, std::string_view body);
  [[nodiscard]] io_result tls_handshake();
  [[nodiscard]] io_result tls_read(std::span<char> into);
  [[nodiscard]] io_result tls_write(std::string_view head, std::string_view body);
  [[nodiscard]] io_result unmoved(int returned, bool& waits_to_write);
  void send_close_notify() noexcept;

  ready_socket::pointer socket_;  // null once it is closed
  ssl_ptr ssl_;
  // Which way the socket must be ready: under TLS a read may have to write, and the other way
  // round.
  bool read_writes_ = false, write_reads_ = false;
  bool holds_input_ = false;  // of which the socket will tell nothing
  bool may_notify_ = false;   // the handshake is over, and nothing has failed since
};

}  // namespace filemint::http
