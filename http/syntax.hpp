// The alphabets of HTTP messages (RFC 9110 §5.6, RFC 3986 §3) and what is compared without regard
// to case.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace filemint::http::syntax {

using alphabet = std::array<bool, 256>;

consteval alphabet alphanumeric_and(std::string_view others) {
  alphabet set{};
  for (unsigned c = '0'; c <= '9'; ++c) set[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) set[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) set[c] = true;
  for (const char c : others) set[static_cast<unsigned char>(c)] = true;
  return set;
}

inline constexpr alphabet token_characters = alphanumeric_and("!#$%&'*+-.^_`|~");
inline constexpr alphabet host_characters = alphanumeric_and("-._~!$&'()*+,;=%");  // reg-name
inline constexpr alphabet path_characters = alphanumeric_and("-._~!$&'()*+,;=%:@/");
inline constexpr alphabet query_characters = alphanumeric_and("-._~!$&'()*+,;=%:@/?");
inline constexpr alphabet request_id_characters = alphanumeric_and("._-");

[[nodiscard]] constexpr bool holds(const alphabet& set, char c) noexcept {
  return set[static_cast<unsigned char>(c)];
}

[[nodiscard]] constexpr bool only(const alphabet& set, std::string_view text) noexcept {
  for (const char c : text) {
    if (!holds(set, c)) return false;
  }
  return true;
}

[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && only(token_characters, text);
}

[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// `lower` is in lower case already.
[[nodiscard]] constexpr bool equals(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

// Without the spaces and tabs at both ends (OWS, RFC 9110 §5.6.3).
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the next element of a comma-separated list (RFC 9110 §5.6.1) off `list`, trimmed; empty
// ones are passed over. A comma inside a quoted string parts nothing. Nothing: the list is done.
[[nodiscard]] constexpr std::optional<std::string_view> next_element(
    std::string_view& list) noexcept {
  while (!list.empty()) {
    std::size_t end = 0;
    for (bool quoted = false; end < list.size() && (quoted || list[end] != ','); ++end) {
      if (list[end] == '"') quoted = !quoted;
    }
    const auto element = trim(list.substr(0, end));
    list.remove_prefix(end < list.size() ? end + 1 : end);
    if (!element.empty()) return element;
  }
  return std::nullopt;
}

}  // namespace filemint::http::syntax
