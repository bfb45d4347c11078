// The routes that an API key can be scoped to. A key with scope_all may call each of them.
#pragma once

#include <cstdint>

namespace filemint {

using route_scope = std::uint8_t;                      // a bit set
inline constexpr route_scope scope_file_access = 1;    // POST /api/v1/file-access
inline constexpr route_scope scope_access_tokens = 2;  // POST /api/v1/access-tokens
inline constexpr route_scope scope_health = 4;         // GET /health
inline constexpr route_scope scope_all = 7;

}  // namespace filemint
