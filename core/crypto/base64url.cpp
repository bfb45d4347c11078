#include "core/crypto/base64url.hpp"

#include "core/crypto/base64url_encoders.hpp"

#include <array>
#include <cstdint>

namespace filemint {
namespace {

constexpr std::uint8_t not_in_alphabet = 0xFF;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(not_in_alphabet);
  for (std::size_t i = 0; i < base64url_alphabet.size(); ++i) {
    table[static_cast<unsigned char>(base64url_alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

}  // namespace

char* base64url_encode(std::string_view bytes, char* out) noexcept {
  static const auto encode = base64url_encoders().front().encode;
  return encode(bytes, out);
}

std::string base64url_encode(std::string_view bytes) {
  std::string text(base64url_size(bytes.size()), '\0');
  base64url_encode(bytes, text.data());
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes(text.size() * 3 / 4, '\0');
  auto* out = bytes.data();
  std::uint32_t seen = 0;  // every value, or-ed: one outside the alphabet sets a bit above the six
  const auto value_at = [&](std::size_t i) {
    const std::uint32_t value = values[static_cast<unsigned char>(text[i])];
    seen |= value;
    return value;
  };
  const auto put_byte = [&](std::uint32_t bits) { *out++ = static_cast<char>(bits & 0xFF); };

  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const auto bits =
        value_at(i) << 18 | value_at(i + 1) << 12 | value_at(i + 2) << 6 | value_at(i + 3);
    put_byte(bits >> 16);
    put_byte(bits >> 8);
    put_byte(bits);
  }
  std::uint32_t trailing = 0;
  if (text.size() - i == 2) {
    const auto bits = value_at(i) << 6 | value_at(i + 1);
    put_byte(bits >> 4);
    trailing = bits & 0xF;
  } else if (text.size() - i == 3) {
    const auto bits = value_at(i) << 12 | value_at(i + 1) << 6 | value_at(i + 2);
    put_byte(bits >> 10);
    put_byte(bits >> 2);
    trailing = bits & 0x3;
  }
  if (seen > 63 || trailing != 0) return std::nullopt;
  return bytes;
}

}  // namespace filemint
