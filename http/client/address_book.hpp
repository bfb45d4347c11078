// The addresses of hosts. A name's are kept for some seconds: as long as object stores themselves
// let them live, so that a burst asks once and a change is seen soon.
#pragma once

#include "actors/cluster/resolver.hpp"
#include "core/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace filemint::http {

// On its io_context's one thread. The resolver must outlive it; what that tells later is dropped.
class address_book : public std::enable_shared_from_this<address_book> {
public:
  using addresses = std::vector<boost::asio::ip::address>;
  static constexpr std::chrono::seconds fresh_for{10};
  static constexpr std::chrono::seconds missing_for{1};  // a failed look-up is not repeated sooner

  // `told` is called, from the io_context, whenever a look-up of that host is over.
  address_book(std::shared_ptr<boost::asio::io_context> io, actors::resolver& names,
               std::function<void(const std::string& host)> told)
      : io_(std::move(io)), names_(names), told_(std::move(told)) {}

  // In the order in which they are to be tried, until the next call; empty where there are none.
  // Null: they are being looked up, once for all that ask.
  [[nodiscard]] const addresses* find(const std::string& host, mono_time now);
  // That one answered where others before it did not.
  void prefer(const std::string& host, const boost::asio::ip::address& which);

private:
  struct entry {
    addresses all = {};
    mono_time until = {};
    bool under_way = false;
  };
  void learn(const std::string& host, const actors::resolver::answer& found);

  const std::shared_ptr<boost::asio::io_context> io_;  // look-ups that hang hold it too
  actors::resolver& names_;
  std::function<void(const std::string&)> told_;
  std::map<std::string, entry> entries_;
};

}  // namespace filemint::http
