// Accepts connections at one place and deals them to the cores in turn, within the contract's caps.
#pragma once

#include "http/client_address.hpp"
#include "http/core_services.hpp"
#include "http/port.hpp"
#include "http/socket_file.hpp"
#include "http/transport.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace filemint::http {

// How many connections there are, in all and from each address. Any thread; asked at a connection's
// two ends alone.
class connection_count {
public:
  connection_count(std::size_t most, std::size_t most_an_address)
      : most_(most), most_an_address_(most_an_address) {}

  // No address: counted in all alone.
  [[nodiscard]] bool add(const std::string& address);
  void remove(const std::string& address);
  // Of new connections; those there are stay.
  void set_limits(std::size_t most, std::size_t most_an_address) noexcept {
    most_ = most;
    most_an_address_ = most_an_address;
  }
  [[nodiscard]] std::size_t total() const noexcept { return total_.load(); }
  [[nodiscard]] std::size_t most() const noexcept { return most_; }

private:
  std::atomic<std::size_t> most_;
  std::atomic<std::size_t> most_an_address_;
  std::atomic<std::size_t> total_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> by_address_;
};

// Runs on the first core's thread. It must outlive the cores' threads; `terms` and `count` must
// outlive its connections.
class listener {
public:
  listener(std::vector<core_services*> cores, const port& terms, connection_count& count);

  // Binds and listens; the port that it got, 0 for a unix socket. [::] takes IPv4 too. A unix
  // socket's name that a dead process left is replaced. Error: io_failed with a sentence (the port
  // is in use, …).
  [[nodiscard]] result<std::uint16_t> open(const endpoint_config& where, std::uint32_t socket_mode);
  void start();
  // Any thread: no more connections from then on.
  void close();

private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol,
                                                      boost::asio::io_context::executor_type>;
  using accepted_socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                           boost::asio::io_context::executor_type>;
  using timer = boost::asio::basic_waitable_timer<mono_clock, boost::asio::wait_traits<mono_clock>,
                                                  boost::asio::io_context::executor_type>;
  [[nodiscard]] result<void> bind_address(const endpoint_config& where);
  [[nodiscard]] result<void> bind_socket(const endpoint_config& where, std::uint32_t mode);
  void accept();
  void hand_over(core_services& core, accepted_socket socket);
  [[nodiscard]] std::string counted_as(const peer_address& peer) const;
  void back_off();

  std::vector<core_services*> cores_;
  const port& terms_;
  connection_count& count_;
  acceptor acceptor_;
  timer retry_;
  socket_file file_;
  std::size_t next_core_ = 0;
};

}  // namespace filemint::http
