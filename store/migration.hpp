// The schema of a store, as the steps that led to it. A store carries the number of steps that it
// has taken and the least number that a binary must know to work on it, so that neighbouring
// versions can run side by side.
#pragma once

#include "store/database.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace filemint::store {

struct migration {
  const char* script;
  int min_reader;  // after this step: how many steps a binary must know at least
};

// Takes the steps that the store has not taken yet, one transaction each; any number of processes
// may do so at once. Errors: store_too_new; conflict: it is the database of another program; the
// database's.
[[nodiscard]] result<void> migrate(database& db, std::span<const migration> known);

// store_too_new when a binary that knows `known` steps may not work on a store that asks for
// `min_reader`.
[[nodiscard]] result<void> check_min_reader(std::int64_t min_reader, std::size_t known);

}  // namespace filemint::store
