#include "api/percent.hpp"

#include <algorithm>
#include <array>

namespace filemint::api {
namespace {

constexpr std::array<bool, 256> stays_as_it_is = [] {
  std::array<bool, 256> table{};
  constexpr std::string_view kept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
      "-._~"         // unreserved
      "!$&'()*+,;="  // sub-delims
      ":@/";
  for (const char c : kept) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::size_t percent_encoded_size(std::string_view path) noexcept {
  auto size = path.size();
  for (const char c : path) size += stays_as_it_is[static_cast<unsigned char>(c)] ? 0 : 2;
  return size;
}

char* percent_encode(std::string_view path, char* out) noexcept {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (stays_as_it_is[byte]) {
      *out++ = c;
      continue;
    }
    *out++ = '%';
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
  }
  return out;
}

std::string percent_encode(std::string_view path) {
  std::string out(percent_encoded_size(path), '\0');
  percent_encode(path, out.data());
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
