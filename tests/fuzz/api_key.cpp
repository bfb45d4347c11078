// core/api_key and bearer_credential: a key is accepted exactly when it has a key's form and a
// naively computed checksum; with one byte changed it is none. A credential is the end of what was
// sent.
#include "core/api_key.hpp"

#include "core/authenticate.hpp"
#include "targets.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace filemint::fuzz {

namespace {

constexpr std::string_view digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_base62(std::string_view text) {
  return text.find_first_not_of(digits) == text.npos;
}

std::string naive_checksum(std::string_view bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
  }
  crc = ~crc;
  std::string text(6, '0');
  for (std::size_t i = 6; i-- > 0; crc /= 62) text[i] = digits[crc % 62];
  return text;
}

bool naive_form(std::string_view key) {
  return key.size() == 66 && key.starts_with("fm_") && is_base62(key.substr(3, 12)) &&
         key[15] == '_' && is_base62(key.substr(16, 43)) && key[59] == '_' &&
         key.substr(60) == naive_checksum(key.substr(0, 59));
}

void try_key(std::string_view text) {
  const exact_copy bytes{text};
  const auto key = api_key::parse(bytes.view());
  must(key.has_value() == naive_form(text), "a key's form and checksum");
  if (!key) return;
  must(key->id == text.substr(3, 12) && key->secret == text.substr(16, 43), "a key's parts");
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed{text};
    changed[i] = static_cast<char>(changed[i] ^ 1);
    must(!api_key::parse(changed), "a key with a changed byte is none");
  }
}

}  // namespace

void try_api_key(std::string_view input) {
  try_key(input);
  if (input.size() >= 59) {  // mutations alone would hardly ever meet a checksum
    const auto body = input.substr(0, 59);
    try_key(std::string{body} + "_" + naive_checksum(body));
  }
  const exact_copy bytes{input};
  if (const auto credential = bearer_credential(bytes.view())) {
    must(credential->size() + 7 <= input.size() && input.ends_with(*credential),
         "a credential is the end of Authorization, behind its scheme");
    must(credential->empty() || credential->front() != ' ', "a credential begins with no blank");
  }
}

}  // namespace filemint::fuzz
