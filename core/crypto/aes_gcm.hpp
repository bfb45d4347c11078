// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: sealed bytes are nonce, ciphertext,
// 128-bit tag. One key is good for 2^32 seals.
#pragma once

#include "core/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace filemint {

inline constexpr std::size_t aes_256_key_size = 32;
inline constexpr std::size_t gcm_nonce_size = 12;
inline constexpr std::size_t gcm_tag_size = 16;

// `key`: aes_256_key_size bytes. `aad` is authenticated, not stored: open must be given the same.
[[nodiscard]] std::string aes_gcm_seal(std::string_view key, std::string_view aad,
                                       std::string_view plaintext);

// Nothing when the key, the AAD or any bit of `sealed` is another.
[[nodiscard]] std::optional<secret> aes_gcm_open(std::string_view key, std::string_view aad,
                                                 std::string_view sealed);

}  // namespace filemint
