// Who may call: companies and API keys, in memory, immutable. A change makes a new directory that shares all shards
// but the changed ones. Readers hold one directory from a request's first look-up to its answer.
#pragma once

#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "core/grants.hpp"
#include "core/route_scope.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

struct company {
  std::string id;           // 1 to 64 of [A-Za-z0-9_-]
  std::uint32_t index = 0;  // dense, never reused while a node runs
  bool suspended = false;
  std::uint64_t window_limit = 0;  // minting calls in 60 s; 0: the configuration's default
  grants granted;
};

// 64 bytes or less: a million of them are held. A revoked key has no record.
struct api_key_record {
  char id[12];
  std::uint32_t company;  // company::index
  sha256_digest secret_hash;
  std::uint32_t expires_at;  // Unix seconds, rounded down; 0: never
  route_scope scope;
};

class directory {
 public:
  directory() = default;

  // O(1) in the number of keys. Null: unknown or revoked.
  [[nodiscard]] const api_key_record* find_key(std::string_view id) const noexcept;
  // The company of a record of this directory.
  [[nodiscard]] const company& company_of(const api_key_record& key) const noexcept;
  [[nodiscard]] const company* find_company(std::string_view id) const noexcept;
  [[nodiscard]] std::size_t key_count() const noexcept;

 private:
  friend class directory_builder;
  // shards: see core/directory.cpp
};

}  // namespace filemint
