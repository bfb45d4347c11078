#include "api/percent.hpp"

#include "core/byte_block.hpp"

#include <algorithm>
#include <array>

namespace filemint::api {
namespace {

using byte_set = std::array<bool, 256>;

constexpr byte_set set_of(std::string_view more) {
  byte_set table{};
  for (const char c : more) table[static_cast<unsigned char>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  return table;
}

// By kept_bytes.
constexpr std::array<byte_set, 3> kept_sets{set_of("-._~!$&'()*+,;=:@/"), set_of("-._~/"),
                                            set_of("-._~")};

const byte_set& set_of(kept_bytes kept) noexcept {
  return kept_sets[static_cast<std::size_t>(kept)];
}

// Of unreserved bytes and '/' alone, as most paths are: looked at in blocks.
bool stays_whole(std::string_view text, kept_bytes kept) noexcept {
  return kept != kept_bytes::unreserved && !any_byte(text.data(), text.size(), [](byte_block c) {
           const auto is_letter = (c | 0x20) - 'a' < 26;
           const auto is_digit_or_mark = c - '-' < 13;  // - . / and the digits
           return ~(is_letter | is_digit_or_mark | (c == '_') | (c == '~'));
         });
}

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::size_t percent_encoded_size(std::string_view text, kept_bytes kept) noexcept {
  if (stays_whole(text, kept)) return text.size();
  const auto& stays = set_of(kept);
  auto size = text.size();
  for (const char c : text) size += stays[static_cast<unsigned char>(c)] ? 0 : 2;
  return size;
}

char* percent_encode(std::string_view text, char* out, kept_bytes kept) noexcept {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (stays_whole(text, kept)) return out + text.copy(out, text.size());
  const auto& stays = set_of(kept);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (stays[byte]) {
      *out++ = c;
      continue;
    }
    *out++ = '%';
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
  }
  return out;
}

std::string percent_encode(std::string_view text, kept_bytes kept) {
  std::string out(percent_encoded_size(text, kept), '\0');
  percent_encode(text, out.data(), kept);
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

query_parameter find_query_parameter(std::string_view query, std::string_view name) {
  query_parameter found;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = pair.find('=');
    if (percent_decode(pair.substr(0, equals)) != name) continue;
    if (found.count != parameter_count::none) return {parameter_count::repeated, {}};
    auto value = percent_decode(equals == pair.npos ? "" : pair.substr(equals + 1));
    if (value) {
      found = {parameter_count::one, *std::move(value)};
    } else {
      found.count = parameter_count::malformed;
    }
  }
  return found;
}

}  // namespace filemint::api
