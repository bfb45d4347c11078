#include "api/content_rules.hpp"

#include <algorithm>
#include <cstdint>

namespace filemint::api {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// `charset=utf-8`, the value quoted or not.
bool is_utf8_charset(std::string_view parameter) noexcept {
  const auto equals = parameter.find('=');
  if (equals == std::string_view::npos || !same_word(parameter.substr(0, equals), "charset"))
    return false;
  auto value = parameter.substr(equals + 1);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return same_word(value, "utf-8");
}

bool is_json(std::string_view content_type) noexcept {
  const auto semicolon = content_type.find(';');
  if (!same_word(trim(content_type.substr(0, semicolon)), "application/json")) return false;
  if (semicolon == std::string_view::npos) return true;
  const auto parameters = trim(content_type.substr(semicolon + 1));
  return parameters.empty() || is_utf8_charset(parameters);
}

}  // namespace

result<void> check_content(std::string_view content_type, bool encoded) {
  if (encoded) {
    return fail(errc::invalid_payload, "The body must not be encoded.",
                {{"field", std::string{"Content-Encoding"}}});
  }
  if (!trim(content_type).empty() && !is_json(content_type)) {
    return fail(errc::invalid_payload, "The body must be application/json in UTF-8.",
                {{"field", std::string{"Content-Type"}}});
  }
  return {};
}

error body_too_large(std::size_t max_body_bytes) {
  return error{errc::invalid_payload,
               "The body is too large.",
               {{"max_body_bytes", static_cast<std::int64_t>(max_body_bytes)}}};
}

}  // namespace filemint::api
