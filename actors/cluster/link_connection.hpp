// One connection between nodes: TCP, TLS 1.3, a greeting, and then bytes between TLS and a local
// stream that CAF holds the other end of.
#pragma once

#include "actors/cluster/link_counts.hpp"
#include "actors/cluster/link_terms.hpp"
#include "actors/cluster/link_tls.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace filemint::actors {

// Not thread safe: on its io_context's one thread.
class link_connection : public std::enable_shared_from_this<link_connection> {
public:
  using tcp = boost::asio::ip::tcp;
  using unix_stream = boost::asio::local::stream_protocol;
  using side = boost::asio::ssl::stream_base::handshake_type;

  // What went wrong; `well`: nothing did.
  struct outcome {
    bool well = true;
    link_failure why{};
    std::string told = {};
  };

  link_connection(tcp::socket socket, const link_tls& tls, std::uint64_t id);

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] X509* peer_certificate() const;  // null before the handshake; to be freed

  // Within `deadline` the following has to be done; otherwise all ends with link_failure::deadline.
  void begin(std::chrono::milliseconds deadline);
  void in_time();

  boost::asio::awaitable<outcome> connect(tcp::endpoint to);
  boost::asio::awaitable<outcome> shake_hands(side as);
  // The accepting side greets once it has seen that the dialler is welcome.
  boost::asio::awaitable<outcome> greet(const link_ticket& ticket);
  boost::asio::awaitable<outcome> await_greeting(link_ticket& ticket);

  // Carries bytes until either end closes; `closed` is told why, once.
  void carry(unix_stream::socket inner, peer_counts_ptr counts,
             std::function<void(link_failure)> closed);
  // Before carry() nobody is told.
  void close(link_failure why = link_failure::lost);

private:
  outcome judge(const boost::system::error_code& failed, link_failure otherwise) const;
  boost::asio::awaitable<void> inward();
  boost::asio::awaitable<void> outward();

  static constexpr std::size_t buffer_bytes = 64 * 1024;

  boost::asio::ssl::stream<tcp::socket> stream_;
  unix_stream::socket inner_;
  boost::asio::steady_timer deadline_;
  std::uint64_t id_;
  bool late_ = false;
  peer_counts_ptr counts_;
  std::function<void(link_failure)> closed_;
};
using link_connection_ptr = std::shared_ptr<link_connection>;

}  // namespace filemint::actors
