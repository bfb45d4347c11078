// By what terms a node is linked to its peers, and what its links tell.
#pragma once

#include "actors/cluster/link_tls.hpp"
#include "core/back_off.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::actors {

struct link_peer {
  std::string name;
  std::string host;  // an address, or a name that is looked up before each dial
  std::uint16_t port = 0;
};

struct link_terms {
  std::string name;                // this node's; its certificate carries it
  std::string host = "127.0.0.1";  // where it listens, an address
  std::uint16_t port = 0;          // 0: a free one
  std::vector<link_peer> peers = {};
  // Or, where it is not empty, a DNS name: each of its addresses is a node's, at dns_port.
  std::string dns = {};
  std::uint16_t dns_port = 0;
  link_files files = {};

  back_off::bounds pause = {};  // between dials of a peer that fail
  std::chrono::milliseconds connect_deadline{2'000};
  std::chrono::milliseconds handshake_deadline{2'000};  // until the greeting
  std::chrono::milliseconds resolve_deadline{5'000};
  std::chrono::milliseconds resolve_interval{5'000};
  std::chrono::milliseconds second_look{30'000};  // at an address of `dns` that is not ours to dial
  std::size_t most_handshakes = 64;  // inbound, unfinished; the oldest gives way to a new one
};

// What the accepting side gives the dialler over the link: the dialler's hello carries it.
struct link_ticket {
  std::uint64_t high = 0, low = 0;

  friend bool operator==(const link_ticket&, const link_ticket&) = default;
};

struct link_opened {
  std::uint64_t link = 0;  // unique in this process
  std::string peer;        // as its certificate says
  bool dialled = false;    // by this node
  std::string key = {};    // dialled: what streams offers it by
  link_ticket ticket = {};
};

struct link_closed {
  std::uint64_t link = 0;
  std::string peer;
};

// All are called on the link's thread, and must not block.
struct link_events {
  std::function<void(const link_opened&)> opened = [](const auto&) {};
  std::function<void(const link_closed&)> closed = [](const auto&) {};
  // `dns` does not lead to that peer any more.
  std::function<void(const std::string& peer)> gone = [](const auto&) {};
  // For the log: what went wrong or is well again, and with whom (empty: a stranger).
  std::function<void(bool wrong, std::string_view what, std::string_view peer)> report =
      [](bool, std::string_view, std::string_view) {};
};

}  // namespace filemint::actors
