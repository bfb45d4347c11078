// A source's root, held by its descriptor, and what lies beneath it.
#pragma once

#include "core/error.hpp"

#include <cstdint>

namespace filemint::http {

// A descriptor, or -1 with errno. `flags` are openat2(2)'s; no symlink leaves the root. Blocks.
[[nodiscard]] int open_beneath(int root, const char* path, std::uint64_t flags) noexcept;

// What an errno of open_beneath says: resource_not_found where it speaks of the path, which is the
// client's; service_unavailable for all else, a broken disk or mount and what the system lacks. A
// root that is gone speaks as a path does: ask root_stands then.
[[nodiscard]] errc open_error(int error) noexcept;

// Whether the root still stands and can be entered. Blocks.
[[nodiscard]] bool root_stands(int root) noexcept;

}  // namespace filemint::http
