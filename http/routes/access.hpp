// Who may read a stored file by a token: what /files and /verify have in common.
#pragma once

#include "core/result.hpp"
#include "core/token.hpp"
#include "http/core_view.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

// The `token` parameter; nothing when there is none. Errors: invalid_access_token when it stands
// twice or cannot be decoded.
[[nodiscard]] result<std::optional<std::string>> token_in_query(std::string_view query);

// A token that is good, of whichever source, and whose API key and company still stand, and
// that was not revoked.
// `likely_source` is tried first. Errors, in this order: service_unavailable (no signing key is
// loaded, or what is known is too old), unauthorized (an empty token), invalid_access_token,
// expired_access_token, forbidden (a suspended company).
[[nodiscard]] result<verified_token> check_token(std::string_view token,
                                                 std::string_view likely_source,
                                                 const core_view& view);

// Whether the token opens that file by that method, and the company is still granted it.
[[nodiscard]] bool opens(const verified_token& token, std::string_view method,
                         std::string_view source, std::string_view path,
                         const snapshot& known) noexcept;

}  // namespace filemint::http
