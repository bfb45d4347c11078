// Which bodies are read at all, by what the head says of them.
#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <string_view>

namespace filemint::api {

// Error: invalid_payload for a body that is encoded (a Content-Encoding other than identity, RFC
// 9110 §8.4), a Content-Type other than application/json (an empty one is read as JSON), or a
// charset other than UTF-8 (§8.3). Thread safe.
[[nodiscard]] result<void> check_content(std::string_view content_type, bool encoded);

[[nodiscard]] error body_too_large(std::size_t max_body_bytes);

}  // namespace filemint::api
