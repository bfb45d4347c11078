// What a store holds, as plain rows; store/rules.hpp holds them to their rules.
#pragma once

#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "core/crypto/sha256.hpp"
#include "core/key_ring.hpp"
#include "core/route_scope.hpp"
#include "core/throttle_terms.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace filemint::store {

struct company_row {
  std::string id;  // 1 to 64 of [A-Za-z0-9_-]
  bool suspended = false;
  std::uint64_t window_limit = 0;  // calls in 60 s, at most 10^9; 0: the configuration's default
  wall_time created_at{};
  std::uint64_t token_limit = 0;  // tokens in 60 s, at most 10^9 or tokens_not_limited; 0: the same
  throttle_terms throttle = {};   // of each of its keys
};

struct key_row {
  std::string id;  // 12 of [A-Za-z0-9]
  std::string company;
  sha256_digest secret_hash{};
  route_scope scope = scope_all;
  std::optional<wall_time> expires_at = {};
  wall_time created_at{};
  std::optional<wall_time> revoked_at = {};
  throttle_terms throttle = {};
};

// All limits that a company has of its own, as in its row.
struct company_limits {
  std::uint64_t calls = 0;
  std::uint64_t tokens = 0;
  throttle_terms throttle = {};
  friend bool operator==(const company_limits&, const company_limits&) = default;
};

struct grant_row {
  std::string company;
  std::string source;  // 1 to 32 of [a-z0-9_-]
  std::string prefix;  // a path of whole segments, a trailing '/' ignored; empty: everything
  wall_time created_at{};
};

struct signing_key_row {
  std::string kid;  // 1 to 64 of [A-Za-z0-9._-]
  std::string source;
  // None: one that a newer filemint knows. Such a key is kept and left alone, never opened.
  std::optional<token_algorithm> algorithm = token_algorithm::hs256;
  key_state state = key_state::prepared;
  std::string sealed;
  wall_time created_at{};
  std::optional<wall_time> activated_at = {};
  std::optional<wall_time> retire_at = {};  // retiring: when its last token has expired
  // The newer one's name for it, as the store has it. Other nodes tell none.
  std::string unknown_algorithm = {};
};

// One of the nodes that share a store.
struct node_row {
  std::string name;     // 1 to 64 of [A-Za-z0-9._-]
  std::string version;  // of its binary, at most 64 bytes
  wall_time started_at{};
  wall_time seen_at{};                    // when it last said that it is there
  std::optional<wall_time> left_at = {};  // it said goodbye
  friend bool operator==(const node_row&, const node_row&) = default;
};

struct activation {
  std::string kid;
  wall_time at{};
  std::chrono::seconds min_age{};  // since it was prepared: verifiers must have seen it by then
  std::chrono::seconds overlap{};  // how long the former key goes on verifying
  bool force = false;              // whatever its age
};

}  // namespace filemint::store
