#include "src/cli/http_client.hpp"

#include "src/release.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <openssl/err.h>

#include <array>
#include <chrono>
#include <limits>
#include <utility>

namespace filemint::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using beast::error_code;

constexpr std::chrono::seconds silence{30};
constexpr std::size_t piece_bytes = 64 * 1024;

// Runs one asynchronous step to its end, so that Beast's timers watch over it.
class steps {
public:
  template <class Start>
  error_code run(Start&& start) {
    error_code done = asio::error::operation_aborted;
    loop_.restart();
    start([&done](error_code ec, auto&&...) { done = ec; });
    loop_.run();
    return done;
  }

  asio::io_context& loop() { return loop_; }

private:
  asio::io_context loop_{1};
};

std::unexpected<error> failed(const http_call& asked, std::string_view what, error_code why) {
  return fail(errc::io_failed, std::string{what} + " " + asked.where.authority() + ": " +
                                   (why == beast::error::timeout ? "no answer" : why.message()));
}

http::request<http::string_body> make_request(const http_call& asked) {
  http::request<http::string_body> request{
      asked.json_body.empty() ? http::verb::get : http::verb::post, asked.where.target, 11};
  request.set(http::field::host, asked.where.authority());
  request.set(http::field::user_agent, "filemint/" + std::string{this_release});
  request.set(http::field::accept, "*/*");
  request.keep_alive(false);
  if (!asked.bearer.empty()) {
    request.set(http::field::authorization, "Bearer " + std::string{asked.bearer});
  }
  if (!asked.json_body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = asked.json_body;
  }
  request.prepare_payload();
  return request;
}

template <class Stream>
result<http_head> exchange(steps& loop, Stream& stream, const http_call& asked,
                           const body_sink& sink) {
  auto& socket = beast::get_lowest_layer(stream);
  const auto request = make_request(asked);
  socket.expires_after(silence);
  if (auto ec = loop.run([&](auto then) { http::async_write(stream, request, then); })) {
    return failed(asked, "cannot send to", ec);
  }

  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  socket.expires_after(silence);
  if (auto ec =
          loop.run([&](auto then) { http::async_read_header(stream, buffer, parser, then); })) {
    return failed(asked, "no answer from", ec);
  }
  http_head head{.status = parser.get().result_int(), .length = {}};
  if (const auto length = parser.content_length()) head.length = *length;

  std::array<char, piece_bytes> piece;
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    socket.expires_after(silence);
    const auto ec = loop.run([&](auto then) { http::async_read(stream, buffer, parser, then); });
    if (ec && ec != http::error::need_buffer) return failed(asked, "broken answer from", ec);
    if (auto taken = sink(head, {piece.data(), piece.size() - body.size}); !taken) {
      return std::unexpected{std::move(taken.error())};
    }
  }
  return head;
}

result<void> connect(steps& loop, beast::tcp_stream& stream, const http_call& asked) {
  tcp::resolver resolver{loop.loop()};
  tcp::resolver::results_type addresses;
  if (auto ec = loop.run([&](auto then) {
        resolver.async_resolve(asked.where.host, asked.where.port,
                               [&, then](error_code failure, tcp::resolver::results_type found) {
                                 addresses = std::move(found);
                                 then(failure);
                               });
      })) {
    return failed(asked, "cannot find", ec);
  }
  stream.expires_after(silence);
  if (auto ec = loop.run([&](auto then) { stream.async_connect(addresses, then); })) {
    return failed(asked, "cannot connect to", ec);
  }
  return {};
}

result<http_head> call_tls(steps& loop, const http_call& asked, const body_sink& sink) {
  asio::ssl::context context{asio::ssl::context::tls_client};
  context.set_default_verify_paths();
  context.set_verify_mode(asio::ssl::verify_peer);
  beast::ssl_stream<beast::tcp_stream> stream{loop.loop(), context};
  stream.set_verify_callback(asio::ssl::host_name_verification{asked.where.host});
  SSL_set_tlsext_host_name(stream.native_handle(), asked.where.host.c_str());
  auto& socket = beast::get_lowest_layer(stream);
  if (auto done = connect(loop, socket, asked); !done) return std::unexpected{done.error()};
  socket.expires_after(silence);
  if (auto ec = loop.run(
          [&](auto then) { stream.async_handshake(asio::ssl::stream_base::client, then); })) {
    return failed(asked, "no TLS with", ec);
  }
  return exchange(loop, stream, asked, sink);
}

}  // namespace

result<http_head> call(const http_call& asked, const body_sink& sink) {
  try {
    steps loop;
    if (asked.where.tls) return call_tls(loop, asked, sink);
    beast::tcp_stream stream{loop.loop()};
    if (auto done = connect(loop, stream, asked); !done) return std::unexpected{done.error()};
    return exchange(loop, stream, asked, sink);
  } catch (const boost::system::system_error& problem) {
    return fail(errc::io_failed, asked.where.authority() + ": " + problem.code().message());
  }
}

}  // namespace filemint::cli
