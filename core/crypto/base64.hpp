// base64 (RFC 4648 §4) for keys that people carry about.
#pragma once

#include "core/secret.hpp"

#include <optional>
#include <string_view>

namespace filemint {

// With padding.
[[nodiscard]] secret base64_encode(const secret& bytes);

// With or without padding, otherwise strict: nothing for another alphabet, white space, too much or
// too little padding, or a bit set behind the last byte.
[[nodiscard]] std::optional<secret> base64_decode(std::string_view text);

}  // namespace filemint
