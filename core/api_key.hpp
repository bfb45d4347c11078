// API keys: fm_<id>_<secret>_<checksum>, each part of [A-Za-z0-9]. The id is public, the secret is
// shown once and only its SHA-256 is kept; the checksum lets a mistyped key, or a scanner for
// leaked ones, be told without a look-up.
#pragma once

#include "core/crypto/sha256.hpp"
#include "core/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace filemint {

inline constexpr std::size_t api_key_id_size = 12;
inline constexpr std::size_t api_key_secret_size = 43;  // base62: 256 bits
inline constexpr std::size_t api_key_checksum_size =
    6;  // base62 of the CRC-32 of all before the last '_'
inline constexpr std::size_t api_key_size =
    3 + api_key_id_size + 1 + api_key_secret_size + 1 + api_key_checksum_size;

// Views into the credential.
struct api_key_view {
  std::string_view id;
  std::string_view secret;
};

// A new key, for the one time that it is shown. Move-only.
class api_key {
public:
  [[nodiscard]] static api_key generate();

  // Nothing unless the form and the checksum are a key's. No allocation. Thread safe.
  [[nodiscard]] static std::optional<api_key_view> parse(std::string_view credential) noexcept;

  // What is kept of a key's secret. 256 random bits need neither salt nor stretching. Compare with
  // equal_secrets.
  [[nodiscard]] static sha256_digest hash_secret(std::string_view key_secret);

  [[nodiscard]] std::string_view id() const noexcept {
    return text_.reveal().substr(3, api_key_id_size);
  }
  [[nodiscard]] sha256_digest secret_hash() const;
  [[nodiscard]] const secret& text() const noexcept { return text_; }

private:
  explicit api_key(secret text) noexcept : text_(std::move(text)) {}
  secret text_;
};

}  // namespace filemint
