// The signing keys of one source, and which of them signs. States: prepared (published, not
// signing) → active → retiring (verifies until its last token expires) → gone (no longer here).
#pragma once

#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "core/secret.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

enum class key_state : std::uint8_t { prepared, active, retiring };

// One key, its algorithm fixed. Immutable, thread safe. HS256: 32 bytes of secret; EdDSA: an
// Ed25519 private key; ES256: one of P-256.
class signing_key;
using signing_key_ptr = std::shared_ptr<const signing_key>;

struct ring_entry {
  signing_key_ptr key;
  key_state state = key_state::prepared;
  wall_time retire_at{};  // retiring: from then on it verifies nothing
};

// Immutable once built; thread safe.
class key_ring {
public:
  key_ring() = default;
  explicit key_ring(std::vector<ring_entry> entries) : entries_(std::move(entries)) {}

  // The key that signs. Null: none (a source without a key mints nothing).
  [[nodiscard]] const signing_key* active() const noexcept;
  // The key that a token's `kid` names, if it may verify at that time. Prepared ones may: another
  // node may sign already.
  [[nodiscard]] const signing_key* find(std::string_view kid, wall_time at) const noexcept;
  [[nodiscard]] const std::vector<ring_entry>& entries() const noexcept { return entries_; }

private:
  std::vector<ring_entry> entries_;
};

}  // namespace filemint
