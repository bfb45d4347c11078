#include "core/redact.hpp"

#include "core/api_key.hpp"

#include <cstddef>
#include <optional>

namespace filemint {
namespace {

constexpr std::string_view letters_and_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view base64url_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base64_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::size_t told_apart = 8;         // so many characters behind a prefix are a secret's
constexpr std::size_t sealing_key_size = 43;  // 32 bytes in base64, before its '='

// How many characters of the set the text begins with.
std::size_t run(std::string_view text, std::string_view set) noexcept {
  const auto end = text.find_first_not_of(set);
  return end == text.npos ? text.size() : end;
}

struct finding {
  std::size_t begin;
  std::size_t size;
  std::size_t shown;  // of its beginning
};

std::optional<finding> find_api_key(std::string_view text, std::size_t from) noexcept {
  constexpr std::size_t id_at = 3;
  constexpr std::size_t secret_at = id_at + api_key_id_size + 1;
  for (auto at = text.find("fm_", from); at != text.npos; at = text.find("fm_", at + 1)) {
    const auto key = text.substr(at);
    if (run(key.substr(id_at), letters_and_digits) != api_key_id_size || key.size() <= secret_at ||
        key[secret_at - 1] != '_') {
      continue;
    }
    auto size = secret_at + run(key.substr(secret_at), letters_and_digits);
    if (size < secret_at + told_apart) continue;
    if (size < key.size() && key[size] == '_') {
      size += 1 + run(key.substr(size + 1), letters_and_digits);
    }
    return finding{at, size, secret_at};
  }
  return std::nullopt;
}

// A JSON object in base64url, a dot, and so on: RFC 7515 §7.1.
std::optional<finding> find_token(std::string_view text, std::size_t from) noexcept {
  constexpr std::string_view object = "eyJ";
  for (auto at = text.find(object, from); at != text.npos; at = text.find(object, at + 1)) {
    const auto token = text.substr(at);
    auto size = run(token, base64url_characters);
    for (int part = 0; part < 2 && size < token.size() && token[size] == '.'; ++part) {
      size += 1 + run(token.substr(size + 1), base64url_characters);
    }
    if (token.substr(0, size).contains('.')) return finding{at, size, object.size()};
  }
  return std::nullopt;
}

std::optional<finding> find_sealing_key(std::string_view text, std::size_t from) noexcept {
  for (auto end = text.find('=', from + sealing_key_size); end < text.size();
       end = text.find('=', end + 1)) {
    const auto at = end - sealing_key_size;
    if (run(text.substr(at), base64_characters) == sealing_key_size) {
      return finding{at, sealing_key_size + 1, 0};
    }
  }
  return std::nullopt;
}

// Up to the end of the text, or of what is quoted: its lines may be escaped in any way.
std::optional<finding> find_private_key(std::string_view text, std::size_t from) noexcept {
  constexpr std::string_view label = "PRIVATE KEY-----";
  for (auto at = text.find(label, from); at != text.npos; at = text.find(label, at + 1)) {
    const auto begin = at + label.size();
    const auto size = text.substr(begin, text.find_first_of("\"`", begin) - begin).size();
    if (size > 0 && text.substr(begin, size) != "...") return finding{begin, size, 0};
  }
  return std::nullopt;
}

// Up to the last '@' of the word: a password that was not encoded may hold any character.
std::optional<finding> find_userinfo(std::string_view text, std::size_t from) noexcept {
  constexpr std::string_view slashes = "://";
  for (auto at = text.find(slashes, from); at != text.npos; at = text.find(slashes, at + 1)) {
    const auto begin = at + slashes.size();
    const auto word = text.substr(begin, text.find_first_of(" \t\r\n\"`", begin) - begin);
    const auto end = word.rfind('@');
    if (end == word.npos || word.substr(0, end) == "...") continue;
    return finding{begin, end, 0};
  }
  return std::nullopt;
}

std::optional<finding> find_secret(std::string_view text, std::size_t from = 0) noexcept {
  std::optional<finding> first;
  for (const auto find :
       {find_api_key, find_token, find_sealing_key, find_private_key, find_userinfo}) {
    const auto found = find(text, from);
    // Of those that begin together the longest: a key may stand as a URL's user, before a password.
    const auto is_before = [&] {
      return found->begin < first->begin ||
             (found->begin == first->begin && found->size > first->size);
    };
    if (found && (!first || is_before())) first = found;
  }
  return first;
}

}  // namespace

bool holds_secret(std::string_view text) noexcept {
  return find_secret(text).has_value();
}

std::string redacted(std::string_view text) {
  std::string out;
  std::size_t from = 0;
  while (const auto found = find_secret(text, from)) {
    out.append(text, from, found->begin + found->shown - from).append("...");
    from = found->begin + found->size;
  }
  return out.append(text, from);
}

}  // namespace filemint
