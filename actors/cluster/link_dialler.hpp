// Dials the peers that are this node's to dial, and dials them again; follows a DNS name that leads
// to all nodes.
#pragma once

#include "actors/cluster/link_hub.hpp"
#include "actors/cluster/link_terms.hpp"
#include "actors/cluster/resolver.hpp"
#include "core/back_off.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace filemint::actors {

// On its io_context's one thread.
class link_dialler {
public:
  link_dialler(boost::asio::io_context& io, const link_terms& terms, link_hub& hub, resolver& names,
               link_events events, link_counts& counts);
  link_dialler(const link_dialler&) = delete;
  link_dialler& operator=(const link_dialler&) = delete;
  ~link_dialler();

  void start();
  void stop();

private:
  using outcome = link_connection::outcome;
  struct target {
    target(boost::asio::io_context& io, std::string peer, std::string where, std::uint16_t at,
           back_off::bounds terms)
        : name(std::move(peer)), host(std::move(where)), port(at), pause(terms), timer(io) {}

    std::string name;  // empty: it has not told yet
    std::string host;
    std::uint16_t port;
    back_off pause;
    boost::asio::steady_timer timer;
    bool gone = false;
    bool flaps = false;          // its last link was short
    std::string complaint = {};  // what was last told of it
  };
  // Closed once nothing may be posted any more: a look-up can outlive its dialler.
  struct gate {
    std::mutex mutex;
    bool open = true;
  };
  using target_ptr = std::shared_ptr<target>;

  boost::asio::awaitable<void> tend(target_ptr to);
  boost::asio::awaitable<void> rest(target_ptr at, std::chrono::milliseconds most);
  boost::asio::awaitable<outcome> dial(target_ptr to);
  boost::asio::awaitable<outcome> dial_address(target_ptr to, std::string address);
  boost::asio::awaitable<resolver::answer> look_up(std::string host);
  boost::asio::awaitable<void> discover();
  void follow(const std::vector<std::string>& addresses);
  void add(std::string name, std::string host, std::uint16_t port);
  void link_ended(const std::string& peer, mono_clock::duration lived);
  void note(target& of, const outcome& done);

  boost::asio::io_context& io_;
  const link_terms& terms_;
  link_hub& hub_;
  resolver& names_;
  link_events events_;
  link_counts& counts_;
  std::vector<target_ptr> targets_;
  boost::asio::steady_timer next_look_;
  const std::shared_ptr<gate> gate_ = std::make_shared<gate>();
  bool stopped_ = false;
};

}  // namespace filemint::actors
