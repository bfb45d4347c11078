// Who may call: companies and API keys, in memory, immutable. A change makes a new directory that
// shares all shards but the changed ones. Readers hold one directory from a request's first look-up
// to its answer.
#pragma once

#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "core/grants.hpp"
#include "core/route_scope.hpp"
#include "core/throttle_terms.hpp"

#include <array>
#include <cstddef>
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
  std::uint64_t token_limit = 0;   // tokens in 60 s; 0: the configuration's default
  throttle_terms throttle = {};    // of each of its keys
  grants granted = {};
};

// 64 bytes or less: a million of them are held. A revoked key has no record.
struct api_key_record {
  static constexpr std::size_t id_bytes = 12;

  char id[id_bytes];      // [A-Za-z0-9], no terminator
  std::uint32_t company;  // company::index
  sha256_digest secret_hash;
  std::uint32_t expires_at;  // Unix seconds, rounded down; 0: never
  throttle_terms throttle;
  route_scope scope;

  [[nodiscard]] std::string_view id_view() const noexcept { return {id, id_bytes}; }
};
static_assert(sizeof(api_key_record) <= 64);

// A look-up reads one shard entry and, on average, one or two adjacent slots. Each change copies
// the shards it touches, nothing else. Cost: 85 bytes a key (64-byte slots, three quarters of them
// used), 96 KiB for the shard table. Thread safety: immutable; any number of readers. A copy is
// cheap enough for a change, not for a request.
class directory {
public:
  directory() = default;

  // O(1) in the number of keys. Null: unknown or revoked. Valid while this directory lives.
  [[nodiscard]] const api_key_record* find_key(std::string_view id) const noexcept;
  // The company of a record of this directory.
  [[nodiscard]] const company& company_of(const api_key_record& key) const noexcept;
  [[nodiscard]] const company* find_company(std::string_view id) const noexcept;
  [[nodiscard]] std::size_t key_count() const noexcept { return key_count_; }
  // Indices run from 0 to here.
  [[nodiscard]] std::size_t company_count() const noexcept { return company_count_; }
  [[nodiscard]] const company& company_at(std::uint32_t index) const noexcept;
  // All keys are those of these shards; empty ones beyond the last that there is.
  static constexpr std::size_t shard_count = 4096;
  template <class Visit>
  void each_key_of_shard(std::size_t which, Visit visit) const {
    if (which >= shards_.size()) return;
    const auto& of = shards_[which];
    for (std::uint32_t slot = 0; slot < of.capacity; ++slot) {
      if (of.slots[slot].id[0] != '\0') visit(of.slots[slot]);
    }
  }

private:
  friend class directory_builder;

  static constexpr std::size_t companies_a_page = 64;
  static constexpr std::size_t name_shard_count = 256;

  // Open addressing with linear probing; a slot whose id begins with '\0' is empty, and one at
  // least always is.
  struct shard {
    std::shared_ptr<const api_key_record[]> slots;
    std::uint32_t capacity = 0;
    std::uint32_t used = 0;

    [[nodiscard]] const api_key_record* find(std::string_view id,
                                             std::uint64_t hash) const noexcept;
  };
  using company_page = std::array<std::shared_ptr<const company>, companies_a_page>;
  using name_shard = std::vector<std::uint32_t>;  // company indices, sorted by the companies' ids

  [[nodiscard]] static std::uint64_t hash_of(std::string_view key_id) noexcept;
  [[nodiscard]] static std::size_t shard_of(std::uint64_t hash) noexcept {
    return hash % shard_count;
  }
  [[nodiscard]] static std::uint32_t slot_of(std::uint64_t hash, std::uint32_t capacity) noexcept;
  [[nodiscard]] static std::size_t name_shard_of(std::string_view company_id) noexcept;

  std::vector<shard> shards_;  // none, or shard_count
  std::vector<std::shared_ptr<const company_page>> pages_;
  std::vector<std::shared_ptr<const name_shard>> names_;  // none, or name_shard_count
  std::size_t key_count_ = 0;
  std::size_t company_count_ = 0;
};

}  // namespace filemint
