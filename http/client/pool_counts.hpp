// What the pool of connections to storages and clouds counts. Any thread reads, the pool's own
// writes.
#pragma once

#include "actors/fetcher.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace filemint::http {

struct pool_counts {
  using counter = std::atomic<std::uint64_t>;

  counter answered = 0;                  // fetches, whatever the status
  std::array<counter, 5> faults{};       // fetches, by fetch_fault
  counter retried = 0;                   // fetches that were tried a second time
  counter connections_opened = 0;        // tried, with those that led to nothing
  counter connections_tls = 0;           // handshakes that went well
  counter connections_resumed = 0;       // of them, those with a session kept from before
  std::atomic<std::int64_t> open{0};     // connections now, with those that are being opened
  std::atomic<std::int64_t> waiting{0};  // fetches without a connection, now

  static void add(counter& to) noexcept { to.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] const counter& of(actors::fetch_fault fault) const noexcept {
    return faults[static_cast<std::size_t>(fault)];
  }
  void count(const actors::fetch_outcome& outcome) noexcept {
    add(outcome ? answered : faults[static_cast<std::size_t>(outcome.error())]);
  }
};

}  // namespace filemint::http
