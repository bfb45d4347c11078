#include "api/json_text.hpp"

#include "core/json_escape.hpp"

#include <algorithm>

namespace filemint::api {
namespace {

bool continues(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// ASCII that passes as it is.
bool is_plain(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80 && !must_escape_in_json(c);
}

// The length of the UTF-8 character (RFC 3629 §4) that the text begins with, 0 when it begins with
// none.
std::size_t character_size(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto lead = at(0);
  const auto second = at(1);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4 || !continues(static_cast<char>(second))) return 0;
  if (lead < 0xe0) return 2;
  if (text.size() < 3 || !continues(text[2])) return 0;
  if (lead < 0xf0) {
    const bool overlong = lead == 0xe0 && second < 0xa0;
    const bool surrogate = lead == 0xed && second > 0x9f;
    return overlong || surrogate ? 0 : 3;
  }
  if (text.size() < 4 || !continues(text[3])) return 0;
  const bool overlong = lead == 0xf0 && second < 0x90;
  const bool beyond_unicode = lead == 0xf4 && second > 0x8f;
  return overlong || beyond_unicode ? 0 : 4;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto size = character_size(text);
    if (size == 0) {
      out += "\xef\xbf\xbd";
    } else if (must_escape_in_json(text[0])) {
      char escape[6];
      out.append(escape, static_cast<std::size_t>(json_escape(text.substr(0, 1), escape) - escape));
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

std::string_view cut_at_character(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes) return text;
  auto size = max_bytes;
  while (size > 0 && continues(text[size])) --size;
  return text.substr(0, size);
}

}  // namespace filemint::api
