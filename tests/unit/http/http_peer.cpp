#include "http_peer.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <future>
#include <utility>

namespace filemint::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::size_t body_size(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == head.npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

http_peer::http_peer(script how, std::optional<testing::authority::files> tls, int max_tls_version,
                     std::string at)
    : how_(std::move(how)),
      secure_(tls.has_value()),
      acceptor_(io_, tcp::endpoint{asio::ip::make_address(at), 0}) {
  if (tls) {
    context_.use_certificate_chain_file(tls->certificate.string());
    context_.use_private_key_file(tls->key.string(), asio::ssl::context::pem);
    SSL_CTX_set_max_proto_version(context_.native_handle(), max_tls_version);
    SSL_CTX_set_session_id_context(context_.native_handle(),
                                   reinterpret_cast<const unsigned char*>("peer"), 4);
  }
  asio::co_spawn(io_, listen(), asio::detached);
  thread_ = std::thread{[this] { io_.run(); }};
}

http_peer::~http_peer() {
  io_.stop();
  thread_.join();
}

void http_peer::close_all() {
  std::promise<void> done;
  asio::post(io_, [&] {
    error_code ignored;
    for (const auto& each : all_) {
      if (const auto still = each.lock()) still->socket.close(ignored);
    }
    done.set_value();
  });
  done.get_future().wait();
}

asio::awaitable<void> http_peer::listen() {
  for (;;) {
    error_code failed;
    auto socket =
        co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
    auto made = std::make_shared<connection>(std::move(socket));
    all_.push_back(made);
    change([&] {
      made->number = numbers_.accepted++;
      numbers_.most = std::max(numbers_.most, ++numbers_.standing);
    });
    asio::co_spawn(io_, greet(made), asio::detached);
  }
}

asio::awaitable<void> http_peer::greet(connection_ptr with) {
  error_code failed;
  if (!secure_) {
    co_await serve(with, with->socket);
  } else {
    with->tls.emplace(with->socket, context_);
    co_await with->tls->async_handshake(asio::ssl::stream_base::server,
                                        asio::redirect_error(asio::use_awaitable, failed));
    if (!failed) {
      const bool again = SSL_session_reused(with->tls->native_handle()) == 1;
      change([&] { numbers_.resumed += again ? 1 : 0; });
      co_await serve(with, *with->tls);
    }
  }
  with->socket.close(failed);
  change([&] { --numbers_.standing; });
}

template <class Stream>
asio::awaitable<void> http_peer::serve(connection_ptr with, Stream& stream) {
  error_code failed;
  std::string in;
  for (int nth = 0;; ++nth) {
    const auto head =
        co_await asio::async_read_until(stream, asio::dynamic_buffer(in), "\r\n\r\n",
                                        asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
    const auto all = head + body_size(in.substr(0, head));
    if (in.size() < all) {
      co_await asio::async_read(stream, asio::dynamic_buffer(in),
                                asio::transfer_exactly(all - in.size()),
                                asio::redirect_error(asio::use_awaitable, failed));
      if (failed) co_return;
    }
    asked what{in.substr(0, head), in.substr(head, all - head), with->number, nth};
    in.erase(0, all);
    const auto answer = how_(what);
    change([&] { requests_.push_back(what); });
    if (!co_await send(answer, stream)) co_return;
    if (answer.then == ending::reset) {
      with->socket.set_option(asio::socket_base::linger{true, 0}, failed);
    } else if (answer.then == ending::hang) {
      std::array<char, 16> nothing{};
      co_await stream.async_read_some(asio::buffer(nothing),
                                      asio::redirect_error(asio::use_awaitable, failed));
    }
    if (answer.then != ending::keep) co_return;
  }
}

template <class Stream>
asio::awaitable<bool> http_peer::send(reply what, Stream& stream) {
  error_code failed;
  asio::steady_timer pause{io_};
  const auto step = what.drip ? 1 : std::max<std::size_t>(what.bytes.size(), 1);
  for (std::size_t at = 0; at < what.bytes.size() && !failed; at += step) {
    co_await asio::async_write(stream, asio::buffer(what.bytes.data() + at, step),
                               asio::redirect_error(asio::use_awaitable, failed));
    if (!what.drip) continue;
    pause.expires_after(std::chrono::milliseconds{1});
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return !failed;
}

}  // namespace filemint::http
