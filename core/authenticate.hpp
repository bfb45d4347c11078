// Who is calling: from a request's Authorization to a company and its API key, in the contract's
// order of checks.
#pragma once

#include "core/clock.hpp"
#include "core/directory.hpp"
#include "core/result.hpp"
#include "core/route_scope.hpp"

#include <optional>
#include <string_view>

namespace filemint {

// Points into the directory that it was looked up in.
struct principal {
  const company* caller = nullptr;
  const api_key_record* key = nullptr;
};

// The credential of `Bearer CREDENTIAL` (RFC 6750 §2.1), the scheme in any case. Nothing: another
// scheme, or none.
[[nodiscard]] std::optional<std::string_view> bearer_credential(
    std::string_view authorization) noexcept;

// Whether the secret is the key's: its SHA-256 against the one that is kept, in constant time.
[[nodiscard]] bool is_secret_of(const api_key_record& key, std::string_view key_secret);

// Errors, first come first told: unauthorized, invalid_api_key, expired_api_key, forbidden (a
// suspended company), endpoint_not_found (the key is not scoped to the route). Thread safe.
[[nodiscard]] result<principal> authenticate(std::optional<std::string_view> authorization,
                                             const directory& people, route_scope route,
                                             wall_time at);

}  // namespace filemint
