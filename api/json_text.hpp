// JSON strings (RFC 8259 §7) of text that may be anything. Pure functions, thread safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace filemint::api {

// Appends the text as a JSON string, with its quotes. What is not UTF-8 becomes U+FFFD, one for
// each byte that is off.
void append_json_string(std::string& out, std::string_view text);

// The longest beginning of at most `max_bytes` that does not cut a UTF-8 character in two.
[[nodiscard]] std::string_view cut_at_character(std::string_view text,
                                                std::size_t max_bytes) noexcept;

}  // namespace filemint::api
