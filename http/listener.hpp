// Accepts connections on one port and deals them to the cores in turn, within the contract's caps.
#pragma once

#include "http/core_services.hpp"
#include "http/router.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
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

  [[nodiscard]] bool add(const std::string& address);
  void remove(const std::string& address);
  [[nodiscard]] std::size_t total() const noexcept { return total_.load(); }
  [[nodiscard]] std::size_t most() const noexcept { return most_; }

private:
  std::size_t most_;
  std::size_t most_an_address_;
  std::atomic<std::size_t> total_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> by_address_;
};

// Runs on the first core's thread. It must outlive the cores' threads.
class listener {
public:
  listener(std::vector<core_services*> cores, port_kind port, connection_count& count);

  // Binds and listens. Error: io_failed with a sentence (the port is in use, …).
  [[nodiscard]] result<std::uint16_t> open(const endpoint_config& where);
  void start();
  // Any thread: no more connections from then on.
  void close();

private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;
  using timer = boost::asio::basic_waitable_timer<mono_clock, boost::asio::wait_traits<mono_clock>,
                                                  boost::asio::io_context::executor_type>;
  void accept();
  void back_off();

  std::vector<core_services*> cores_;
  port_kind port_;
  connection_count& count_;
  acceptor acceptor_;
  timer retry_;
  std::size_t next_core_ = 0;
};

}  // namespace filemint::http
