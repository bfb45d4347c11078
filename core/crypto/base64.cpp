#include "core/crypto/base64.hpp"

#include "core/crypto/base64url.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace filemint {

secret base64_encode(const secret& bytes) {
  const auto unpadded = base64url_size(bytes.size());
  std::string text((unpadded + 3) / 4 * 4, '=');
  base64url_encode(bytes.reveal(), text.data());
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return secret(std::move(text));
}

std::optional<secret> base64_decode(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.find_first_of("-_") != text.npos) return std::nullopt;
  std::string translated(text);
  std::ranges::replace(translated, '+', '-');
  std::ranges::replace(translated, '/', '_');
  const secret copy(std::move(translated));
  auto bytes = base64url_decode(copy.reveal());
  if (!bytes) return std::nullopt;
  return secret(std::move(*bytes));
}

}  // namespace filemint
