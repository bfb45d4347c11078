// How many files the process may have open, and what of that connections may take.
#pragma once

#include "core/result.hpp"

#include <cstddef>

namespace filemint {

// Raises RLIMIT_NOFILE to its hard limit, and gives how many connections there is room for beside
// the store, logs and files being sent: at least 1. Error: io_failed, a sentence: there is none.
[[nodiscard]] result<std::size_t> room_for_connections();

}  // namespace filemint
