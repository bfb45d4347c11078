#include "actors/cluster/link_connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::actors {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// "filemint", the version of this greeting, and the ticket.
constexpr std::string_view opening{"filemint\0\1", 10};
using greeting_bytes = std::array<unsigned char, opening.size() + 16>;

void put(std::uint64_t number, unsigned char* to) {
  for (int i = 0; i < 8; ++i) to[i] = static_cast<unsigned char>(number >> (56 - 8 * i));
}

std::uint64_t get(const unsigned char* from) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | from[i];
  return number;
}

// Unsent bytes and a silent other side end a connection, where heartbeats do not do it first. A
// link has few packets under way, so one that is lost twice would else be sent again ever later.
void set_options(link_connection::tcp::socket& socket) {
  constexpr int on = 1, idle_s = 1, interval_s = 1, probes = 3, unsent_ms = 3'000;
  const auto set = [&](int level, int name, int value) {
    ::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, on);
  set(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, on);
  set(SOL_SOCKET, SO_KEEPALIVE, on);
  set(IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
  set(IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
  set(IPPROTO_TCP, TCP_KEEPCNT, probes);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, unsent_ms);
}

}  // namespace

link_connection::link_connection(tcp::socket socket, const link_tls& tls, std::uint64_t id)
    : stream_(std::move(socket), tls.context),
      inner_(stream_.get_executor()),
      deadline_(stream_.get_executor()),
      id_(id) {
  if (stream_.lowest_layer().is_open()) set_options(stream_.next_layer());
}

X509* link_connection::peer_certificate() const {
  auto& stream = const_cast<asio::ssl::stream<tcp::socket>&>(stream_);
  return SSL_get1_peer_certificate(stream.native_handle());
}

void link_connection::begin(std::chrono::milliseconds deadline) {
  deadline_.expires_after(deadline);
  deadline_.async_wait([weak = weak_from_this()](error_code cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self) return;
    self->late_ = true;
    self->close();
  });
}

void link_connection::in_time() {
  deadline_.cancel();
}

link_connection::outcome link_connection::judge(const error_code& failed,
                                                link_failure otherwise) const {
  if (late_) return {false, link_failure::deadline, "it took too long"};
  if (failed) return {false, otherwise, failed.message()};
  return {};
}

asio::awaitable<link_connection::outcome> link_connection::connect(tcp::endpoint to) {
  error_code failed;
  co_await stream_.next_layer().async_connect(to,
                                              asio::redirect_error(asio::use_awaitable, failed));
  if (!failed) set_options(stream_.next_layer());
  co_return judge(failed, link_failure::connect);
}

asio::awaitable<link_connection::outcome> link_connection::shake_hands(side as) {
  error_code failed;
  co_await stream_.async_handshake(as, asio::redirect_error(asio::use_awaitable, failed));
  co_return judge(failed, link_failure::handshake);
}

asio::awaitable<link_connection::outcome> link_connection::greet(const link_ticket& ticket) {
  greeting_bytes bytes{};
  std::ranges::copy(opening, bytes.begin());
  put(ticket.high, bytes.data() + opening.size());
  put(ticket.low, bytes.data() + opening.size() + 8);
  error_code failed;
  co_await asio::async_write(stream_, asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, failed));
  co_return judge(failed, link_failure::handshake);
}

asio::awaitable<link_connection::outcome> link_connection::await_greeting(link_ticket& ticket) {
  greeting_bytes bytes{};
  error_code failed;
  co_await asio::async_read(stream_, asio::buffer(bytes),
                            asio::redirect_error(asio::use_awaitable, failed));
  auto done = judge(failed, link_failure::refused);
  if (done.well && !std::equal(opening.begin(), opening.end(), bytes.begin())) {
    done = {false, link_failure::protocol, "it greets in another way"};
  }
  ticket = {get(bytes.data() + opening.size()), get(bytes.data() + opening.size() + 8)};
  co_return done;
}

void link_connection::carry(unix_stream::socket inner, peer_counts_ptr counts,
                            std::function<void(link_failure)> closed) {
  in_time();
  inner_ = std::move(inner);
  counts_ = std::move(counts);
  closed_ = std::move(closed);
  asio::co_spawn(stream_.get_executor(), inward(), asio::detached);
  asio::co_spawn(stream_.get_executor(), outward(), asio::detached);
}

asio::awaitable<void> link_connection::inward() {
  const auto self = shared_from_this();
  std::vector<char> bytes(buffer_bytes);
  error_code failed;
  while (!failed) {
    const auto n = co_await stream_.async_read_some(
        asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) break;
    counts_->bytes_in.fetch_add(n, std::memory_order_relaxed);
    co_await asio::async_write(inner_, asio::buffer(bytes, n),
                               asio::redirect_error(asio::use_awaitable, failed));
  }
  close();
}

asio::awaitable<void> link_connection::outward() {
  const auto self = shared_from_this();
  std::vector<char> bytes(buffer_bytes);
  error_code failed;
  while (!failed) {
    const auto n = co_await inner_.async_read_some(
        asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) break;
    counts_->bytes_out.fetch_add(n, std::memory_order_relaxed);
    co_await asio::async_write(stream_, asio::buffer(bytes, n),
                               asio::redirect_error(asio::use_awaitable, failed));
  }
  close();
}

void link_connection::close(link_failure why) {
  error_code ignored;
  deadline_.cancel();
  stream_.lowest_layer().close(ignored);
  inner_.close(ignored);
  if (auto closed = std::exchange(closed_, nullptr)) closed(why);
}

}  // namespace filemint::actors
