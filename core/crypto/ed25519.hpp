// Ed25519 signatures (RFC 8032), by OpenSSL.
#pragma once

#include "core/crypto/evp.hpp"
#include "core/secret.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace filemint {

using ed25519_signature = std::array<std::uint8_t, 64>;

// A private key with its public half. Movable. Const members may run on several threads at once.
class ed25519_key {
public:
  static constexpr std::size_t seed_size = 32;

  [[nodiscard]] static ed25519_key generate();
  // Nothing unless the seed (RFC 8032's private key) has seed_size bytes.
  [[nodiscard]] static std::optional<ed25519_key> from_seed(std::string_view seed);

  [[nodiscard]] ed25519_signature sign(std::string_view message) const;
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

  [[nodiscard]] secret seed() const;
  [[nodiscard]] std::string public_key() const;  // 32 bytes

private:
  explicit ed25519_key(evp::pkey key) noexcept : key_(std::move(key)) {}
  evp::pkey key_;
};

}  // namespace filemint
