#include "http/listener.hpp"

#include "core/config/scalar.hpp"
#include "http/session.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <sys/stat.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace filemint::http {

namespace asio = boost::asio;
using boost::system::error_code;
using endpoint_type = asio::generic::stream_protocol::endpoint;

namespace {

ip_address address_of(const endpoint_type& peer) {
  ip_address::bytes all{};
  if (peer.data()->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, peer.data(), sizeof v4);
    all = asio::ip::make_address_v6(asio::ip::v4_mapped,
                                    asio::ip::make_address_v4(ntohl(v4.sin_addr.s_addr)))
              .to_bytes();
  } else {
    sockaddr_in6 v6{};
    std::memcpy(&v6, peer.data(), sizeof v6);
    std::memcpy(all.data(), v6.sin6_addr.s6_addr, all.size());
  }
  return ip_address{all};
}

result<void> io_error(const error_code& error) {
  return fail(errc::io_failed, error.message());
}

}  // namespace

bool connection_count::add(const std::string& address) {
  const std::lock_guard lock{mutex_};
  if (total_ >= most_) return false;
  if (!address.empty()) {
    auto& here = by_address_[address];
    if (here >= most_an_address_) return false;
    ++here;
  }
  ++total_;
  return true;
}

void connection_count::remove(const std::string& address) {
  const std::lock_guard lock{mutex_};
  --total_;
  if (address.empty()) return;
  if (const auto at = by_address_.find(address); --at->second == 0) by_address_.erase(at);
}

listener::listener(std::vector<core_services*> cores, const port& terms, connection_count& count)
    : cores_(std::move(cores)),
      terms_(terms),
      count_(count),
      acceptor_(cores_.front()->io.get_executor()),
      retry_(cores_.front()->io.get_executor()) {}

result<std::uint16_t> listener::open(const endpoint_config& where, std::uint32_t socket_mode) {
  const auto refuse = [&](const std::string& why) {
    return fail(errc::io_failed, "cannot listen on " + write_endpoint(where) + ": " + why);
  };
  const auto bound = where.is_unix() ? bind_socket(where, socket_mode) : bind_address(where);
  if (!bound) return refuse(bound.error().message);
  error_code error;
  if (acceptor_.listen(asio::socket_base::max_listen_connections, error); error) {
    return refuse(error.message());
  }
  if (where.is_unix()) return 0;
  const auto local = acceptor_.local_endpoint();
  sockaddr_in6 address{};  // the port stands where a sockaddr_in has it
  std::memcpy(&address, local.data(), std::min(sizeof address, local.size()));
  return ntohs(address.sin6_port);
}

result<void> listener::bind_address(const endpoint_config& where) {
  error_code error;
  const auto address = asio::ip::make_address(where.host, error);
  if (error) return io_error(error);
  const asio::ip::tcp::endpoint endpoint{address, where.port};
  if (acceptor_.open(endpoint.protocol(), error); error) return io_error(error);
  acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (address.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
  if (acceptor_.bind(endpoint, error); error) return io_error(error);
  return {};
}

result<void> listener::bind_socket(const endpoint_config& where, std::uint32_t mode) {
  if (auto free = socket_file::make_room(where.socket_path); !free) return free;
  error_code error;
  const asio::local::stream_protocol::endpoint endpoint{where.socket_path.string()};
  if (acceptor_.open(endpoint.protocol(), error); error) return io_error(error);
  // The name is made with these less the umask's: never for a moment with more than is asked for.
  ::fchmod(acceptor_.native_handle(), mode);
  if (acceptor_.bind(endpoint, error); error) return io_error(error);
  file_ = socket_file{where.socket_path};
  if (::chmod(where.socket_path.c_str(), mode) != 0) {
    return io_error(error_code{errno, boost::system::generic_category()});
  }
  return {};
}

void listener::start() {
  asio::post(acceptor_.get_executor(), [this] { accept(); });
}

void listener::close() {
  asio::post(acceptor_.get_executor(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    file_.remove();
  });
}

void listener::accept() {
  auto& core = *cores_[next_core_];
  acceptor_.async_accept(core.io, [this, &core](error_code error, accepted_socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      // A client that left already costs nothing; a system out of descriptors or memory needs time.
      if (error == asio::error::connection_aborted) return accept();
      return back_off();
    }
    next_core_ = (next_core_ + 1) % cores_.size();
    hand_over(core, std::move(socket));
    accept();
  });
}

void listener::hand_over(core_services& core, accepted_socket socket) {
  error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  if (gone) return;
  const auto peer = terms_.is_unix ? peer_address{} : address_of(endpoint);
  auto counted = counted_as(peer);
  if (!count_.add(counted)) return;
  asio::post(core.io, [&core, &terms = terms_, &count = count_, peer, counted = std::move(counted),
                       socket = std::move(socket)]() mutable {
    error_code ignored;
    if (!terms.is_unix) socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    ssl_ptr ssl;
    if (terms.tls != nullptr && (ssl = terms.tls->new_connection()) == nullptr) {
      return count.remove(counted);
    }
    auto watched = core.sockets.add(unique_fd{socket.release(ignored)});
    if (watched == nullptr) return count.remove(counted);
    std::make_shared<session>(core, std::move(watched), std::move(ssl), terms, peer,
                              [&count, counted] { count.remove(counted); })
        ->start();
  });
}

// A unix socket and a trusted proxy stand for many clients: they have no cap of their own.
std::string listener::counted_as(const peer_address& peer) const {
  return !peer || is_trusted(peer, cores_.front()->settings().http) ? std::string{} : peer->text();
}

void listener::back_off() {
  retry_.expires_after(std::chrono::milliseconds{50});
  retry_.async_wait([this](error_code error) {
    if (!error) accept();
  });
}

}  // namespace filemint::http
