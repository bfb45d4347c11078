#include "http/transport.hpp"

#include <boost/asio/buffer.hpp>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>

namespace filemint::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

io_result outcome_of(std::size_t moved, const error_code& error) noexcept {
  if (!error) return {io_step::done, moved};
  const bool later = error == asio::error::would_block || error == asio::error::interrupted;
  return {later ? io_step::would_block : io_step::ended, 0};
}

}  // namespace

void ssl_deleter::operator()(SSL* ssl) const noexcept {
  SSL_free(ssl);
}

transport::transport(stream_socket socket, ssl_ptr ssl)
    : socket_(std::move(socket)), ssl_(std::move(ssl)) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  if (ssl_ != nullptr) SSL_set_fd(ssl_.get(), socket_.native_handle());
}

io_result transport::plain_read(std::span<char> into) {
  error_code error;
  const auto n = socket_.read_some(asio::buffer(into.data(), into.size()), error);
  return outcome_of(n, error);
}

io_result transport::plain_write(std::string_view head, std::string_view body) {
  error_code error;
  if (body.empty()) {
    const auto n = socket_.write_some(asio::buffer(head.data(), head.size()), error);
    return outcome_of(n, error);
  }
  const std::array<asio::const_buffer, 2> gathered{asio::buffer(head.data(), head.size()),
                                                   asio::buffer(body.data(), body.size())};
  const auto n = socket_.write_some(gathered, error);
  return outcome_of(n, error);
}

// ---- TLS

// OpenSSL's queue of errors is one a thread, and what stands in it, of whomever, is taken for the
// call's own: it is emptied before each call.
io_result transport::unmoved(int returned, stream_socket::wait_type& wants) {
  const int why = SSL_get_error(ssl_.get(), returned);
  if (why == SSL_ERROR_WANT_READ) {
    wants = stream_socket::wait_read;
    return {io_step::would_block, 0};
  }
  if (why == SSL_ERROR_WANT_WRITE) {
    wants = stream_socket::wait_write;
    return {io_step::would_block, 0};
  }
  ERR_clear_error();
  // After the peer's close_notify ours may still be sent; after a fault nothing may.
  if (why != SSL_ERROR_ZERO_RETURN) may_notify_ = false;
  return {io_step::ended, 0};
}

io_result transport::tls_handshake() {
  ERR_clear_error();
  const int returned = SSL_accept(ssl_.get());
  if (returned != 1) return unmoved(returned, read_wants_);
  may_notify_ = true;
  read_wants_ = stream_socket::wait_read;
  holds_input_ = SSL_has_pending(ssl_.get()) == 1;
  return {io_step::done, 0};
}

// Until the socket has no more or `into` is full: what OpenSSL has taken from the socket already,
// no wait would tell of.
io_result transport::tls_read(std::span<char> into) {
  std::size_t got = 0;
  holds_input_ = false;
  read_wants_ = stream_socket::wait_read;
  do {
    std::size_t n = 0;
    ERR_clear_error();
    const int returned = SSL_read_ex(ssl_.get(), into.data() + got, into.size() - got, &n);
    if (returned != 1) {
      const auto result = unmoved(returned, read_wants_);
      if (got == 0) return result;
      holds_input_ = result.step == io_step::ended;  // the next call tells the same again
      return {io_step::done, got};
    }
    got += n;
  } while (got < into.size() && SSL_has_pending(ssl_.get()) == 1);
  holds_input_ = SSL_has_pending(ssl_.get()) == 1;
  return {io_step::done, got};
}

io_result transport::tls_write(std::string_view head, std::string_view body) {
  std::array<char, largest_record> record;  // NOLINT(*-member-init): filled as far as it is sent
  auto from = body;
  if (!head.empty() && !body.empty()) {
    const auto of_head = head.copy(record.data(), record.size());
    const auto of_body = body.copy(record.data() + of_head, record.size() - of_head);
    from = {record.data(), of_head + of_body};
  } else if (body.empty()) {
    from = head;
  }
  from = from.substr(0, largest_record);
  std::size_t n = 0;
  ERR_clear_error();
  const int returned = SSL_write_ex(ssl_.get(), from.data(), from.size(), &n);
  if (returned != 1) return unmoved(returned, write_wants_);
  write_wants_ = stream_socket::wait_write;
  return {io_step::done, n};
}

void transport::send_close_notify() noexcept {
  if (!std::exchange(may_notify_, false)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

// ---- both

std::int64_t transport::unacknowledged() noexcept {
  int bytes = 0;
  ioctl(socket_.native_handle(), SIOCOUTQ, &bytes);
  return bytes;
}

void transport::shutdown_send() noexcept {
  send_close_notify();
  error_code ignored;
  socket_.shutdown(stream_socket::shutdown_send, ignored);
}

void transport::reset() noexcept {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  may_notify_ = false;
  close();
}

void transport::close() noexcept {
  send_close_notify();
  ssl_.reset();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace filemint::http
