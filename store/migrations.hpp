// The schema of the SQLite store, as the steps that led to it. A store carries the number of steps
// that it has taken and the least number that a binary must know to work on it, so that
// neighbouring versions can run side by side.
#pragma once

#include "core/result.hpp"
#include "store/sqlite.hpp"

#include <span>

namespace filemint::store {

struct migration {
  const char* script;
  int min_reader;  // after this step: how many steps a binary must know at least
};

// All that this binary knows, in order. A step that was released is never changed.
[[nodiscard]] std::span<const migration> known_migrations() noexcept;

// Takes the steps that the store has not taken yet, one transaction each. Errors: store_too_new;
// conflict: it is the database of another program.
[[nodiscard]] result<void> migrate(sqlite::connection& db, std::span<const migration> known);

// store_too_new when a binary that knows `known` steps may not work on a store that asks for
// `min_reader`.
[[nodiscard]] result<void> check_min_reader(std::int64_t min_reader, std::size_t known);

}  // namespace filemint::store
