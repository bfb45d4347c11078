#include "core/json_escape.hpp"

#include "core/byte_block.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace filemint {
namespace {

bool any_to_escape(std::string_view text) noexcept {
  return any_byte(text.data(), text.size(),
                  [](byte_block b) { return (b < 0x20) | (b == '"') | (b == '\\'); });
}

// The letter of a two-character escape, or 0.
char short_escape(char c) noexcept {
  switch (c) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20;
}

}  // namespace

std::size_t json_escaped_size(std::string_view text) noexcept {
  auto size = text.size();
  if (!any_to_escape(text)) return size;
  for (const char c : text) {
    if (short_escape(c) != 0) {
      size += 1;
    } else if (is_control(c)) {
      size += 5;
    }
  }
  return size;
}

char* json_escape(std::string_view text, char* out) noexcept {
  if (!any_to_escape(text)) return std::ranges::copy(text, out).out;
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    if (const char letter = short_escape(c); letter != 0) {
      *out++ = '\\';
      *out++ = letter;
    } else if (is_control(c)) {
      out = std::ranges::copy(std::string_view("\\u00"), out).out;
      *out++ = hex[static_cast<unsigned char>(c) >> 4];
      *out++ = hex[static_cast<unsigned char>(c) & 15];
    } else {
      *out++ = c;
    }
  }
  return out;
}

}  // namespace filemint
