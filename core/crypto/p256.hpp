// ECDSA over P-256 with SHA-256 (FIPS 186-5), by OpenSSL; a signature is r and s of 32 bytes each,
// as JOSE writes it (RFC 7518 §3.4). It has a nonce drawn at random, so no two are alike.
#pragma once

#include "core/crypto/evp.hpp"
#include "core/secret.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace filemint {

using p256_signature = std::array<std::uint8_t, 64>;

// A private key with its public half. Movable. Const members may run on several threads at once.
class p256_key {
public:
  static constexpr std::size_t scalar_size = 32;

  // d in big-endian (RFC 7518 §6.2.2.1). Nothing unless it has scalar_size bytes and is of 1 to n
  // - 1.
  [[nodiscard]] static std::optional<p256_key> from_scalar(std::string_view scalar);

  [[nodiscard]] p256_signature sign(std::string_view message) const;
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

  [[nodiscard]] secret scalar() const;
  [[nodiscard]] const std::string& public_key() const noexcept {
    return point_;
  }  // x and y, 64 bytes

private:
  p256_key(evp::pkey key, std::string point) noexcept
      : key_(std::move(key)), point_(std::move(point)) {}
  evp::pkey key_;
  std::string point_;
};

}  // namespace filemint
