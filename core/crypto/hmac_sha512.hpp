// HMAC-SHA512 (RFC 2104, FIPS 198-1) under one key: the states after the key's two padded blocks
// are made once and copied for each message.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace filemint {

using sha512_digest = std::array<std::uint8_t, 64>;

// Wiped at its end. Copyable; const members may run on several threads at once.
class hmac_sha512 {
public:
  static constexpr std::size_t size = 64;

  explicit hmac_sha512(std::string_view key) noexcept;
  hmac_sha512(const hmac_sha512&) = default;
  hmac_sha512& operator=(const hmac_sha512&) = default;
  ~hmac_sha512();

  [[nodiscard]] sha512_digest mac(std::string_view message) const noexcept;

private:
  SHA512_CTX inner_, outer_;
};

}  // namespace filemint
