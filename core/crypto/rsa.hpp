// RSA signatures, PKCS #1 v1.5 with SHA-256 (RFC 8017 §8.2), by OpenSSL.
#pragma once

#include "core/crypto/evp.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace filemint {

// A private key. Movable. Const members may run on several threads at once.
class rsa_key {
public:
  static constexpr std::size_t least_bits = 2'048;

  // Of PKCS #8 or PKCS #1 in PEM. Error: invalid_argument, in words that tell nothing of the key.
  [[nodiscard]] static result<rsa_key> from_pem(std::string_view pem);

  // In bytes; 256 for a key of 2,048 bits.
  [[nodiscard]] std::size_t signature_size() const noexcept { return size_; }
  // Writes signature_size() bytes, always the same for the same message.
  void sign(std::string_view message, std::span<std::uint8_t> out) const;

private:
  [[nodiscard]] bool try_to_sign(std::string_view message,
                                 std::span<std::uint8_t> out) const noexcept;
  rsa_key(evp::pkey key, std::size_t size) noexcept : key_(std::move(key)), size_(size) {}
  evp::pkey key_;
  std::size_t size_;
};

}  // namespace filemint
