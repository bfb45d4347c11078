#include "http/transport.hpp"

#include <linux/sockios.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace filemint::http {

namespace {

// A signal's interruption is no answer.
template <class Call>
ssize_t uninterrupted(Call&& call) {
  for (;;) {
    const auto n = call();
    if (n >= 0 || errno != EINTR) return n;
  }
}

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

// A short read has emptied the socket, and OpenSSL does not tell of it.
long note_short_read(BIO* bio, int operation, const char*, std::size_t wanted, int, long,
                     int returned, std::size_t* got) {
  if (operation == (BIO_CB_READ | BIO_CB_RETURN) && returned > 0 && *got < wanted) {
    reinterpret_cast<ready_socket*>(BIO_get_callback_arg(bio))->was_emptied();
  }
  return returned;
}

}  // namespace

void ssl_deleter::operator()(SSL* ssl) const noexcept {
  SSL_free(ssl);
}

transport::transport(ready_socket::pointer socket, ssl_ptr ssl)
    : socket_(std::move(socket)), ssl_(std::move(ssl)) {
  if (ssl_ == nullptr) return;
  SSL_set_fd(ssl_.get(), socket_->fd());
  auto* const bio = SSL_get_rbio(ssl_.get());
  BIO_set_callback_arg(bio, reinterpret_cast<char*>(socket_.get()));
  BIO_set_callback_ex(bio, note_short_read);
}

io_result transport::plain_read(std::span<char> into) {
  const auto n = uninterrupted([&] { return ::recv(socket_->fd(), into.data(), into.size(), 0); });
  if (n == 0 || (n < 0 && !would_block())) return {io_step::ended, 0};
  if (n < static_cast<ssize_t>(into.size())) socket_->was_emptied();
  return n < 0 ? io_result{} : io_result{io_step::done, static_cast<std::size_t>(n)};
}

io_result transport::plain_write(std::string_view head, std::string_view body) {
  // Both are only read from.
  std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                             iovec{const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const auto n = uninterrupted([&] {
    return body.empty() ? ::send(socket_->fd(), head.data(), head.size(), MSG_NOSIGNAL)
                        : ::sendmsg(socket_->fd(), &message, MSG_NOSIGNAL);
  });
  if (n >= 0) return {io_step::done, static_cast<std::size_t>(n)};
  if (!would_block()) return {io_step::ended, 0};
  socket_->was_filled();
  return {};
}

void transport::wait_read(ready_socket::handler ready) {
  if (read_writes_) return socket_->wait_write(std::move(ready));
  if (holds_input_) return socket_->run_soon(std::move(ready));
  socket_->wait_read(std::move(ready));
}

void transport::wait_write(ready_socket::handler ready) {
  if (write_reads_) return socket_->wait_read(std::move(ready));
  socket_->wait_write(std::move(ready));
}

// ---- TLS

// OpenSSL's queue of errors is one a thread, and what stands in it, of whomever, is taken for the
// call's own: it is emptied before each call.
io_result transport::unmoved(int returned, bool& waits_to_write) {
  const int why = SSL_get_error(ssl_.get(), returned);
  waits_to_write = why == SSL_ERROR_WANT_WRITE;
  if (why == SSL_ERROR_WANT_READ) socket_->was_emptied();
  if (why == SSL_ERROR_WANT_WRITE) socket_->was_filled();
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return {};
  ERR_clear_error();
  // After the peer's close_notify ours may still be sent; after a fault nothing may.
  if (why != SSL_ERROR_ZERO_RETURN) may_notify_ = false;
  return {io_step::ended, 0};
}

io_result transport::tls_handshake() {
  ERR_clear_error();
  const int returned = SSL_accept(ssl_.get());
  if (returned != 1) return unmoved(returned, read_writes_);
  may_notify_ = true;
  read_writes_ = false;
  holds_input_ = SSL_has_pending(ssl_.get()) == 1;
  return {io_step::done, 0};
}

// Until the socket has no more or `into` is full: what OpenSSL has taken from the socket already,
// no wait would tell of.
io_result transport::tls_read(std::span<char> into) {
  std::size_t got = 0;
  holds_input_ = false;
  read_writes_ = false;
  do {
    std::size_t n = 0;
    ERR_clear_error();
    const int returned = SSL_read_ex(ssl_.get(), into.data() + got, into.size() - got, &n);
    if (returned != 1) {
      const auto result = unmoved(returned, read_writes_);
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
  bool waits_to_write = true;
  if (returned != 1) {
    const auto result = unmoved(returned, waits_to_write);
    write_reads_ = !waits_to_write;
    return result;
  }
  write_reads_ = false;
  return {io_step::done, n};
}

void transport::send_close_notify() noexcept {
  if (!std::exchange(may_notify_, false)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

// ---- both

std::int64_t transport::unacknowledged() const noexcept {
  int bytes = 0;
  ioctl(socket_->fd(), SIOCOUTQ, &bytes);
  return bytes;
}

void transport::shutdown_send() noexcept {
  send_close_notify();
  ::shutdown(socket_->fd(), SHUT_WR);
}

void transport::reset() noexcept {
  if (socket_ != nullptr) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_->fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  may_notify_ = false;
  close();
}

void transport::close() noexcept {
  if (socket_ == nullptr) return;
  send_close_notify();
  ssl_.reset();
  socket_.reset();
}

}  // namespace filemint::http
