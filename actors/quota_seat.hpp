// A node's place among those that share windows: what its relay works on, kept while one relay is
// replaced by another.
#pragma once

#include "core/cluster/quota_hub.hpp"

#include <atomic>
#include <functional>
#include <utility>

namespace filemint::actors {

// Thread safety: of the relay's core, but for `routed`.
struct quota_seat {
  quota_seat(node_id self, mono_time started, day_book& days)
      : hub(std::move(self), started, days) {}

  quota_hub hub;
  bool taken = false;  // the members are known: it takes part
  // The way to other nodes. Set before it takes part.
  std::function<void(peer_letter)> send = [](const auto&) {};
  // Calls have owners to ask. Any thread.
  std::atomic<bool> routed{false};
};

}  // namespace filemint::actors
