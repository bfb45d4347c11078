#include "core/key_ring.hpp"

#include "core/signing_key.hpp"

namespace filemint {

const signing_key* key_ring::active() const noexcept {
  for (const auto& entry : entries_) {
    if (entry.state == key_state::active) return entry.key.get();
  }
  return nullptr;
}

const signing_key* key_ring::find(std::string_view kid, wall_time at) const noexcept {
  for (const auto& entry : entries_) {
    if (entry.key->kid() != kid) continue;
    const bool over = entry.state == key_state::retiring && at >= entry.retire_at;
    return over ? nullptr : entry.key.get();
  }
  return nullptr;
}

}  // namespace filemint
