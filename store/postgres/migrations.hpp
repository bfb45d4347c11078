// The steps of the PostgreSQL store's schema.
#pragma once

#include "store/migration.hpp"

#include <span>

namespace filemint::store::postgres {

// All that this binary knows, in order. A step that was released is never changed.
[[nodiscard]] std::span<const migration> known_migrations() noexcept;

}  // namespace filemint::store::postgres
