#include "core/api_key.hpp"

#include "core/crypto/base62.hpp"
#include "core/crypto/random.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace filemint {
namespace {

constexpr std::string_view prefix = "fm_";
constexpr std::size_t id_at = prefix.size();
constexpr std::size_t secret_at = id_at + api_key_id_size + 1;
constexpr std::size_t checksum_at = secret_at + api_key_secret_size + 1;

// CRC-32 as in IEEE 802.3, a byte at a time.
constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    auto crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0u);
    table[i] = crc;
  }
  return table;
}();

constexpr std::uint32_t crc32(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc = crc >> 8 ^ crc_table[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  }
  return ~crc;
}
static_assert(crc32("123456789") == 0xCBF43926);  // the check value that catalogues of CRCs give

constexpr std::array<char, api_key_checksum_size> checksum_of(std::string_view bytes) noexcept {
  std::array<char, api_key_checksum_size> text{};
  auto rest = crc32(bytes);
  for (auto i = text.size(); i-- > 0; rest /= 62) text[i] = base62_alphabet[rest % 62];
  return text;
}

constexpr auto in_alphabet = [] {
  std::array<bool, 256> table{};
  for (const char c : base62_alphabet) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_base62(std::string_view text) noexcept {
  return std::ranges::all_of(text,
                             [](char c) { return in_alphabet[static_cast<unsigned char>(c)]; });
}

}  // namespace

api_key api_key::generate() {
  std::string text;
  text.reserve(api_key_size);  // no copy of it stays behind in a smaller buffer
  auto drawn = secret(random_base62(api_key_secret_size));
  text.append(prefix).append(random_base62(api_key_id_size)).append("_").append(drawn.reveal());
  const auto checksum = checksum_of(text);
  text.append("_").append(checksum.data(), checksum.size());
  return api_key(secret(std::move(text)));
}

std::optional<api_key_view> api_key::parse(std::string_view credential) noexcept {
  if (credential.size() != api_key_size || !credential.starts_with(prefix) ||
      credential[secret_at - 1] != '_' || credential[checksum_at - 1] != '_') {
    return std::nullopt;
  }
  const api_key_view key{credential.substr(id_at, api_key_id_size),
                         credential.substr(secret_at, api_key_secret_size)};
  if (!is_base62(key.id) || !is_base62(key.secret)) return std::nullopt;
  if (!std::ranges::equal(credential.substr(checksum_at),
                          checksum_of(credential.substr(0, checksum_at - 1)))) {
    return std::nullopt;
  }
  return key;
}

sha256_digest api_key::hash_secret(std::string_view key_secret) {
  return sha256(key_secret);
}

sha256_digest api_key::secret_hash() const {
  return hash_secret(text_.reveal().substr(secret_at, api_key_secret_size));
}

}  // namespace filemint
