// The links of a node: who is linked, and the listener. One link a pair, since BASP takes one
// connection between two nodes: of two names the one that sorts first dials.
#pragma once

#include "actors/cluster/link_connection.hpp"
#include "actors/cluster/link_counts.hpp"
#include "actors/cluster/link_terms.hpp"
#include "actors/cluster/peer_names.hpp"
#include "actors/cluster/streams.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace filemint::actors {

// On its io_context's one thread, but where a member says otherwise.
class link_hub {
public:
  using outcome = link_connection::outcome;

  link_hub(boost::asio::io_context& io, const link_terms& terms, std::shared_ptr<streams> between,
           link_events events, link_counts& counts);
  link_hub(const link_hub&) = delete;
  link_hub& operator=(const link_hub&) = delete;

  // Before the thread runs. io_failed: the address is not this host's, the port is in use, …
  result<void> listen();
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  void accept();
  void close_all();

  // Any thread.
  void put_tls(std::shared_ptr<const link_tls> fresh) { tls_ = std::move(fresh); }
  [[nodiscard]] std::shared_ptr<const link_tls> tls() const { return tls_.load(); }

  [[nodiscard]] bool linked(std::string_view peer) const { return links_.contains(peer); }
  [[nodiscard]] bool is_ours_to_dial(std::string_view peer) const { return terms_.name < peer; }
  [[nodiscard]] std::string name_of(const link_connection& connection) const;
  [[nodiscard]] std::uint64_t next_id() noexcept { return ++last_id_; }
  // A dialler's, after the greeting.
  outcome take_up(const link_connection_ptr& connection, const std::string& peer,
                  const link_ticket& ticket);
  void drop(std::uint64_t link, link_failure why);

  // A link of that peer has ended, after so long.
  std::function<void(const std::string& peer, mono_clock::duration lived)> ended = [](const auto&,
                                                                                      auto) {};

private:
  struct standing {
    link_connection_ptr connection;
    mono_time since;
  };
  boost::asio::awaitable<void> accept_all();
  void take_in(boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<void> welcome(link_connection_ptr connection);
  boost::asio::awaitable<outcome> look_at(link_connection_ptr connection, std::string& peer);
  void begin(const link_connection_ptr& connection, link_opened told,
             link_connection::unix_stream::socket inner);
  void forget(const std::string& peer, std::uint64_t link, link_failure why);
  void complain(const std::string& peer, link_failure why, const std::string& told);

  boost::asio::io_context& io_;
  const link_terms& terms_;
  std::shared_ptr<streams> between_;
  link_events events_;
  link_counts& counts_;
  peer_names names_;
  std::atomic<std::shared_ptr<const link_tls>> tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::uint64_t last_id_ = 0;
  std::map<std::string, standing, std::less<>> links_;
  std::list<link_connection_ptr> unfinished_;  // inbound, the oldest first
  mono_time next_complaint_{};                 // strangers must not fill the log
};

}  // namespace filemint::actors
