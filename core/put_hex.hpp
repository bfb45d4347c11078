// Writing bytes as lower-case hex digits into room that was measured before. Pure, thread safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace filemint {

inline constexpr auto hex_pairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {digits[i >> 4], digits[i & 15]};
  return table;
}();

// Writes two digits a byte at `out` and returns the end.
inline char* put_hex(std::span<const std::uint8_t> bytes, char* out) noexcept {
  for (const auto byte : bytes) {
    std::memcpy(out, hex_pairs[byte].data(), 2);
    out += 2;
  }
  return out;
}

}  // namespace filemint
