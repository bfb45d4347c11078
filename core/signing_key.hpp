// A key that signs and verifies the tokens of one source, its algorithm fixed.
#pragma once

#include "core/config/config.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/hmac_sha256.hpp"
#include "core/crypto/p256.hpp"
#include "core/key_ring.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace filemint {

// The algorithm's name in a JOSE header (RFC 7518 §3.1, RFC 8037 §3.1): "HS256", "EdDSA" or
// "ES256".
[[nodiscard]] std::string_view jose_name(token_algorithm algorithm) noexcept;
[[nodiscard]] std::optional<token_algorithm> algorithm_from_jose_name(
    std::string_view name) noexcept;

// Immutable, thread safe. HS256: 32 to 64 bytes of secret (RFC 7518 §3.2); EdDSA: an Ed25519
// private key of 32 bytes; ES256: a P-256 private key of 32 bytes.
class signing_key {
public:
  // Eight characters, drawn at random: a longer one would cost each token another block of SHA-256.
  [[nodiscard]] static std::string new_kid();

  // kid: 1 to 64 of [A-Za-z0-9._-]; source: 1 to 32 of [a-z0-9_-]. Otherwise invalid_argument.
  [[nodiscard]] static result<signing_key_ptr> generate(token_algorithm algorithm,
                                                        std::string source, std::string kid);
  // invalid_argument also when the algorithm takes no key of that length.
  [[nodiscard]] static result<signing_key_ptr> from_raw(token_algorithm algorithm,
                                                        std::string source, std::string kid,
                                                        const secret& raw);

  [[nodiscard]] const std::string& kid() const noexcept { return kid_; }
  [[nodiscard]] const std::string& source() const noexcept { return source_; }
  [[nodiscard]] token_algorithm algorithm() const noexcept;

  // The key's bytes, to be sealed.
  [[nodiscard]] secret raw() const;
  // EdDSA: what a JWK's `x` encodes (RFC 8037 §2), 32 bytes. ES256: what its `x` and `y` encode
  // (RFC 7518 §6.2.1), 32 bytes each. HS256: empty, such a key has no public half.
  [[nodiscard]] std::string public_key() const;

  // Exactly one of them is not null.
  [[nodiscard]] const hmac_sha256* hmac() const noexcept;
  [[nodiscard]] const ed25519_key* ed25519() const noexcept;
  [[nodiscard]] const p256_key* p256() const noexcept;

  [[nodiscard]] std::size_t signature_size() const noexcept;  // bytes, before base64url
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

private:
  struct hmac_key {
    secret raw;
    hmac_sha256 mac;
  };
  using key_material = std::variant<hmac_key, ed25519_key, p256_key>;

  signing_key(std::string source, std::string kid, key_material key) noexcept;

  std::string source_;
  std::string kid_;
  key_material key_;
};

}  // namespace filemint
