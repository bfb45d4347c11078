// What the actors and sessions of one core share: touched on that core's thread alone, but where a
// member says otherwise.
#pragma once

#include "actors/blocking_pool.hpp"
#include "actors/company_shares.hpp"
#include "actors/load_meter.hpp"
#include "actors/mailbox_lengths.hpp"
#include "actors/prober.hpp"
#include "actors/quota_seat.hpp"
#include "actors/remote_signer.hpp"
#include "actors/worker.hpp"
#include "backends/backend.hpp"
#include "core/clock.hpp"
#include "core/cluster/quota_asker.hpp"
#include "core/company_quota.hpp"
#include "core/config/config.hpp"
#include "core/day_book.hpp"
#include "core/peer_table.hpp"
#include "core/snapshot.hpp"
#include "metrics/core_metrics.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace filemint::actors {

struct kept_credentials;  // actors/kept_credentials.hpp

// What the whole node shares: immutable, or thread safe. It outlives all actors and sessions.
struct node_context {
  std::vector<const backends::backend*> backends;  // in the order of the sources
  load_meter& load;
  prober& files;
  blocking_pool& blocking;
  std::function<void(std::string_view)> report;  // a fault of ours, for the log; any thread
  std::function<instant()> now = [] { return filemint::now(); };
  std::atomic<bool> refusing{false};  // past the drain's deadline
  day_book days = {};                 // any thread
  // When the store was last read with success; any thread.
  std::function<mono_time()> store_read = [] { return mono_time::max(); };
  // When a peer was last heard; max: this node has none. Any thread.
  std::function<mono_time()> peer_heard = [] { return mono_time::max(); };

  remote_signer* signers = nullptr;  // null: no source needs one

  // Cut off from the store and from every peer: others may go on without this node, and with what
  // it does not know of. Any thread.
  [[nodiscard]] bool is_isolated(mono_time at) const {
    return at - std::max(store_read(), peer_heard()) > isolated_after;
  }
};

struct core_context {
  node_context& node;
  metrics::core_metrics& counts;
  std::size_t core = 0;
  worker* home = nullptr;  // null in tests without workers
  snapshot_ptr known;      // never null
  // In force now, never null: a reload puts another in its place. Each lasts as long as the node,
  // so whoever is under way may keep what it points to.
  const config* settings = nullptr;
  std::shared_ptr<mailbox_lengths> mailboxes = std::make_shared<mailbox_lengths>();  // any thread
  // Of the companies that this core owns, by index: its window owner's, but one that is started
  // again finds them here.
  std::unordered_map<std::uint32_t, company_quota> quotas = {};
  // In a cluster: the limiter's leases and asks, kept for one that is started again; and on one
  // core the node's seat.
  std::optional<quota_asker> asker = {};
  std::unique_ptr<quota_seat> seat = {};
  company_shares bodies = {};
  // On one core: those of the node's sources that a keeper renews. They outlive the core's actors.
  std::vector<kept_credentials*> kept = {};

  // What is known is older than the configuration allows, or this node is isolated: who calls can't
  // be told, nor what was revoked.
  [[nodiscard]] bool store_is_stale(mono_time now) const {
    return now - node.store_read() > settings->store.max_staleness || node.is_isolated(now);
  }
};

}  // namespace filemint::actors
