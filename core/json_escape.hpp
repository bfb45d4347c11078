// The inside of a JSON string (RFC 8259 §7): only what must be escaped is, UTF-8 passes as it is.
// Written by hand where a library would cost more than the rest of an answer. Pure functions,
// thread safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace filemint {

[[nodiscard]] constexpr bool must_escape_in_json(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// How many bytes json_escape writes: text.size() when nothing must be escaped, at most six times
// that.
[[nodiscard]] std::size_t json_escaped_size(std::string_view text) noexcept;

// Writes json_escaped_size(text) bytes at `out`, without quotes around them, and returns the end.
char* json_escape(std::string_view text, char* out) noexcept;
[[nodiscard]] std::string json_escaped(std::string_view text);

}  // namespace filemint
