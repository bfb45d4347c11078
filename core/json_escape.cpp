#include "core/json_escape.hpp"

#include "core/byte_block.hpp"

#include <cstring>

namespace filemint {
namespace {

bool nothing_to_escape(std::string_view text) noexcept {
  return !any_byte(text.data(), text.size(),
                   [](byte_block b) { return (b < 0x20) | (b == '"') | (b == '\\'); });
}

// The letter of a two-character escape, 0 when there is none.
char short_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
      return c;
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

char* write_escape(char c, char* out) noexcept {
  *out++ = '\\';
  if (const char letter = short_escape(c)) {
    *out++ = letter;
    return out;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  std::memcpy(out, "u00", 3);
  out[3] = digits[byte >> 4];
  out[4] = digits[byte & 15];
  return out + 5;
}

}  // namespace

std::size_t json_escaped_size(std::string_view text) noexcept {
  auto size = text.size();
  if (nothing_to_escape(text)) return size;
  for (const char c : text) {
    if (must_escape_in_json(c)) size += short_escape(c) != 0 ? 1 : 5;
  }
  return size;
}

char* json_escape(std::string_view text, char* out) noexcept {
  if (nothing_to_escape(text)) {
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    return out + text.size();
  }
  for (const char c : text) {
    if (must_escape_in_json(c)) {
      out = write_escape(c, out);
    } else {
      *out++ = c;
    }
  }
  return out;
}

std::string json_escaped(std::string_view text) {
  std::string out(json_escaped_size(text), '\0');
  json_escape(text, out.data());
  return out;
}

}  // namespace filemint
