// base64url without padding (RFC 4648 §5), as JOSE uses it (RFC 7515 §2).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace filemint {

// How many characters `bytes` bytes become.
[[nodiscard]] constexpr std::size_t base64url_size(std::size_t bytes) noexcept {
  return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

// Writes base64url_size(bytes.size()) characters at `out` and returns the end. `bytes` may lie in
// the buffer that `out` points into if it begins at least base64url_size(bytes.size()) -
// bytes.size() behind `out`: reading then stays ahead of writing.
char* base64url_encode(std::string_view bytes, char* out) noexcept;
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

// Strict, so that no two texts mean the same bytes: nothing when there is padding, a character of
// another alphabet, a length that no bytes have, or a bit set behind the last byte.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace filemint
