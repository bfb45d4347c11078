#include "core/directory.hpp"

#include "core/hash.hpp"

#include <algorithm>
#include <cstring>

namespace filemint {

const api_key_record* directory::find_key(std::string_view id) const noexcept {
  if (shards_.empty() || id.size() != api_key_record::id_bytes || id.front() == '\0')
    return nullptr;
  const auto hash = hash_of(id);
  return shards_[shard_of(hash)].find(id, hash);
}

const company& directory::company_of(const api_key_record& key) const noexcept {
  return company_at(key.company);
}

const company& directory::company_at(std::uint32_t index) const noexcept {
  return *(*pages_[index / companies_a_page])[index % companies_a_page];
}

const company* directory::find_company(std::string_view id) const noexcept {
  if (names_.empty()) return nullptr;
  const auto& indices = *names_[name_shard_of(id)];
  const auto id_at = [this](std::uint32_t index) -> std::string_view {
    return company_at(index).id;
  };
  const auto found = std::ranges::lower_bound(indices, id, {}, id_at);
  return found != indices.end() && id_at(*found) == id ? &company_at(*found) : nullptr;
}

const api_key_record* directory::shard::find(std::string_view id,
                                             std::uint64_t hash) const noexcept {
  if (used == 0) return nullptr;
  for (auto slot = slot_of(hash, capacity);; slot = slot + 1 == capacity ? 0 : slot + 1) {
    const auto& record = slots[slot];
    if (std::memcmp(record.id, id.data(), api_key_record::id_bytes) == 0) return &record;
    if (record.id[0] == '\0') return nullptr;
  }
}

std::uint64_t directory::hash_of(std::string_view key_id) noexcept {
  return hash_bytes(key_id, process_hash_seed());
}

// The hash's upper half, scaled to the capacity: the lower bits have chosen the shard.
std::uint32_t directory::slot_of(std::uint64_t hash, std::uint32_t capacity) noexcept {
  return static_cast<std::uint32_t>((hash >> 32) * capacity >> 32);
}

std::size_t directory::name_shard_of(std::string_view company_id) noexcept {
  return hash_bytes(company_id, process_hash_seed()) % name_shard_count;
}

}  // namespace filemint
