// What those who ask for quotas need to know of their node's cluster_view: a copy of it, made anew
// when it changes.
#pragma once

#include "core/cluster/candidate_set.hpp"
#include "core/cluster/peer_heartbeat.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// A value. Thread safety: const functions from any thread.
struct quota_routes {
  node_id self;
  std::uint64_t version = 0;  // of the candidates
  candidate_set candidates;
  std::optional<candidate_set> before;  // those that are still supported, until all have let go
  std::vector<std::string> live;        // peers, sorted, as of then

  // Whom the node supports for the company: itself, or who is to be asked. Nothing: nobody now.
  // O(nodes).
  [[nodiscard]] std::optional<std::string_view> owner_of(std::uint64_t company_hash) const {
    return agreed_owner(candidates, before ? &*before : nullptr, company_hash);
  }
  [[nodiscard]] bool reach(const std::string& name) const {
    return name == self.name || std::ranges::binary_search(live, name);
  }
  friend bool operator==(const quota_routes&, const quota_routes&) = default;
};

}  // namespace filemint
