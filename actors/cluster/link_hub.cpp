#include "actors/cluster/link_hub.hpp"

#include "core/crypto/pem.hpp"
#include "core/crypto/random.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <exception>
#include <set>
#include <utility>

namespace filemint::actors {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using unix_stream = link_connection::unix_stream;

peer_names names_of(const link_terms& terms) {
  std::set<std::string> listed;
  for (const auto& each : terms.peers) listed.insert(each.name);
  return {std::move(listed), terms.dns};
}

link_ticket new_ticket() {
  std::array<std::uint8_t, 16> bytes{};
  random_bytes(bytes);
  link_ticket made;
  std::memcpy(&made.high, bytes.data(), 8);
  std::memcpy(&made.low, bytes.data() + 8, 8);
  return made;
}

}  // namespace

link_hub::link_hub(asio::io_context& io, const link_terms& terms, std::shared_ptr<streams> between,
                   link_events events, link_counts& counts)
    : io_(io),
      terms_(terms),
      between_(std::move(between)),
      events_(std::move(events)),
      counts_(counts),
      names_(names_of(terms)),
      acceptor_(io) {}

result<void> link_hub::listen() {
  error_code failed;
  const asio::ip::tcp::endpoint at{asio::ip::make_address(terms_.host, failed), terms_.port};
  if (!failed) acceptor_.open(at.protocol(), failed);
  if (!failed) acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor_.bind(at, failed);
  if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    return fail(errc::io_failed, "cluster.listen: " + terms_.host + ":" +
                                     std::to_string(terms_.port) + ": " + failed.message());
  }
  port_ = acceptor_.local_endpoint().port();
  return {};
}

void link_hub::accept() {
  asio::co_spawn(io_, accept_all(), asio::detached);
}

asio::awaitable<void> link_hub::accept_all() {
  constexpr std::chrono::milliseconds pause{100};
  asio::steady_timer rest{io_};
  while (acceptor_.is_open()) {
    error_code failed;
    auto socket =
        co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
    if (failed == asio::error::operation_aborted) co_return;
    if (failed) {  // no descriptors are left, or the client has gone
      rest.expires_after(pause);
      co_await rest.async_wait(asio::redirect_error(asio::use_awaitable, failed));
      continue;
    }
    if (unfinished_.size() >= terms_.most_handshakes) {
      counts_.of(link_counts::unknown)->count(link_failure::crowded);
      unfinished_.front()->close();
      unfinished_.pop_front();
    }
    take_in(std::move(socket));
  }
}

// What it throws when memory is out ends one connection, and not the listener.
void link_hub::take_in(asio::ip::tcp::socket socket) try {
  const auto now = tls();
  auto made = std::make_shared<link_connection>(std::move(socket), *now, next_id());
  unfinished_.push_back(made);
  asio::co_spawn(io_, welcome(std::move(made)), asio::detached);
} catch (const std::exception& failed) {
  complain({}, link_failure::handshake, failed.what());
}

asio::awaitable<void> link_hub::welcome(link_connection_ptr connection) {
  connection->begin(terms_.handshake_deadline);
  std::string peer;
  const auto done = co_await look_at(connection, peer);
  std::erase(unfinished_, connection);
  if (done.well) co_return;
  connection->close();
  complain(peer, done.why, done.told);
}

asio::awaitable<link_hub::outcome> link_hub::look_at(link_connection_ptr connection,
                                                     std::string& peer) {
  auto done = co_await connection->shake_hands(link_connection::side::server);
  if (!done.well) co_return done;
  peer = name_of(*connection);
  if (peer.empty()) {
    co_return outcome{false, link_failure::name, "its certificate has no name that is a peer's"};
  }
  if (is_ours_to_dial(peer) || peer == terms_.name) {
    co_return outcome{false, link_failure::protocol, "it dialled, which is for us to do"};
  }
  const auto door = between_->find_door();
  if (!door) co_return outcome{false, link_failure::protocol, "this node is not ready yet"};
  unix_stream::socket inner{io_};
  unix_stream::endpoint at;
  std::memcpy(at.data(), &door->address, door->size);
  at.resize(door->size);
  error_code failed;
  inner.open(unix_stream{}, failed);
  inner.non_blocking(true, failed);
  inner.connect(at, failed);
  if (failed) co_return outcome{false, link_failure::protocol, "inside: " + failed.message()};

  const auto ticket = new_ticket();
  done = co_await connection->greet(ticket);
  if (!done.well) co_return done;
  begin(connection, {.link = connection->id(), .peer = peer, .ticket = ticket}, std::move(inner));
  co_return done;
}

std::string link_hub::name_of(const link_connection& connection) const {
  const x509_ptr shown{connection.peer_certificate()};
  if (shown == nullptr) return {};
  if (peer_names::carries(shown.get(), terms_.name)) return terms_.name;
  return names_.of(shown.get());
}

link_hub::outcome link_hub::take_up(const link_connection_ptr& connection, const std::string& peer,
                                    const link_ticket& ticket) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return {false, link_failure::connect, "inside: no socketpair"};
  }
  unique_fd ours{ends[0]};
  unique_fd cafs{ends[1]};
  unix_stream::socket inner{io_};
  error_code failed;
  inner.assign(unix_stream{}, ours.get(), failed);
  if (failed) return {false, link_failure::connect, "inside: " + failed.message()};
  static_cast<void>(ours.release());
  begin(connection,
        {.link = connection->id(),
         .peer = peer,
         .dialled = true,
         .key = between_->offer(connection->id(), std::move(cafs)),
         .ticket = ticket},
        std::move(inner));
  return {};
}

void link_hub::begin(const link_connection_ptr& connection, link_opened told,
                     unix_stream::socket inner) {
  if (const auto former = links_.find(told.peer); former != links_.end()) {
    const auto kept = former->second.connection;
    kept->close(link_failure::replaced);
  }
  links_[told.peer] = {connection, mono_clock::now()};
  auto counts = counts_.of(told.peer);
  counts->links.fetch_add(1, std::memory_order_relaxed);
  events_.opened(told);  // before the first byte can bring its peer's hello
  connection->carry(
      std::move(inner), std::move(counts),
      [this, peer = told.peer, link = told.link](link_failure why) { forget(peer, link, why); });
}

void link_hub::forget(const std::string& peer, std::uint64_t link, link_failure why) {
  const auto found = links_.find(peer);
  if (found == links_.end() || found->second.connection->id() != link) return;
  const auto lived = mono_clock::now() - found->second.since;
  links_.erase(found);
  counts_.of(peer)->count(why);
  between_->take(std::to_string(link));  // if CAF has not taken it
  events_.closed({link, peer});
  ended(peer, lived);
}

void link_hub::drop(std::uint64_t link, link_failure why) {
  for (const auto& [peer, at] : links_) {
    if (at.connection->id() != link) continue;
    const auto kept = at.connection;
    return kept->close(why);
  }
}

void link_hub::close_all() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& each : unfinished_) each->close();
  while (!links_.empty()) {
    const auto kept = links_.begin()->second.connection;
    kept->close();
  }
}

void link_hub::complain(const std::string& peer, link_failure why, const std::string& told) {
  counts_.of(peer)->count(why);
  const auto now = mono_clock::now();
  if (now < next_complaint_) return;
  next_complaint_ = now + std::chrono::seconds{1};
  events_.report(true, "a connection from a node is refused: " + told, peer);
}

}  // namespace filemint::actors
