// The steps of the SQLite store's schema.
#pragma once

#include "store/migration.hpp"

#include <cstdint>
#include <span>

namespace filemint::store::sqlite {

inline constexpr std::int64_t application_id = 0x666d'696e;  // "fmin"

// All that this binary knows, in order. A step that was released is never changed.
[[nodiscard]] std::span<const migration> known_migrations() noexcept;

}  // namespace filemint::store::sqlite
