// The inside of a JSON string (RFC 8259 §7): only what must be escaped is, UTF-8 passes as it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace filemint {

// How many bytes json_escape writes: text.size() when nothing must be escaped, at most six times
// that.
[[nodiscard]] std::size_t json_escaped_size(std::string_view text) noexcept;

// Writes json_escaped_size(text) bytes at `out`, without quotes around them, and returns the end.
char* json_escape(std::string_view text, char* out) noexcept;

}  // namespace filemint
