#include "http/listener.hpp"

#include "http/session.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace filemint::http {

namespace asio = boost::asio;
using boost::system::error_code;

bool connection_count::add(const std::string& address) {
  const std::lock_guard lock{mutex_};
  if (total_ >= most_) return false;
  auto& here = by_address_[address];
  if (here >= most_an_address_) return false;
  ++here;
  ++total_;
  return true;
}

void connection_count::remove(const std::string& address) {
  const std::lock_guard lock{mutex_};
  --total_;
  if (const auto at = by_address_.find(address); --at->second == 0) by_address_.erase(at);
}

listener::listener(std::vector<core_services*> cores, port_kind port, connection_count& count)
    : cores_(std::move(cores)),
      port_(port),
      count_(count),
      acceptor_(cores_.front()->io.get_executor()),
      retry_(cores_.front()->io.get_executor()) {}

result<std::uint16_t> listener::open(const endpoint_config& where) {
  const auto refuse = [&](const char* what, const error_code& error) {
    return fail(errc::io_failed, "cannot " + std::string{what} + " " + where.host + ":" +
                                     std::to_string(where.port) + ": " + error.message());
  };
  error_code error;
  const auto address = asio::ip::make_address(where.host, error);
  if (error) return refuse("listen on", error);
  const asio::ip::tcp::endpoint endpoint{address, where.port};
  if (acceptor_.open(endpoint.protocol(), error); error) return refuse("listen on", error);
  acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (acceptor_.bind(endpoint, error); error) return refuse("listen on", error);
  if (acceptor_.listen(asio::socket_base::max_listen_connections, error); error) {
    return refuse("listen on", error);
  }
  return acceptor_.local_endpoint().port();
}

void listener::start() {
  asio::post(acceptor_.get_executor(), [this] { accept(); });
}

void listener::close() {
  asio::post(acceptor_.get_executor(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  });
}

void listener::accept() {
  auto& core = *cores_[next_core_];
  acceptor_.async_accept(core.io, [this, &core](error_code error, tcp_socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      // A client that left already costs nothing; a system out of descriptors or memory needs time.
      if (error == asio::error::connection_aborted) return accept();
      return back_off();
    }
    next_core_ = (next_core_ + 1) % cores_.size();
    error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    const auto address = gone ? std::string{} : peer.address().to_string();
    if (!gone && count_.add(address)) {
      asio::post(core.io, [this, &core, address, socket = std::move(socket)]() mutable {
        std::make_shared<session>(core, std::move(socket), port_, address, [this, address] {
          count_.remove(address);
        })->start();
      });
    }
    accept();
  });
}

void listener::back_off() {
  retry_.expires_after(std::chrono::milliseconds{50});
  retry_.async_wait([this](error_code error) {
    if (!error) accept();
  });
}

}  // namespace filemint::http
