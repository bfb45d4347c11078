// Signing keys at rest: sealed with AES-256-GCM under a master key that the store never sees.
#pragma once

#include "core/config/config.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/signing_key.hpp"

#include <string>
#include <string_view>

namespace filemint {

// 32 bytes, written as base64. Move-only. Thread safety: as a secret's.
class master_key {
public:
  [[nodiscard]] static master_key generate();
  // With or without padding, white space around it ignored. invalid_argument: it is not 32 bytes in
  // base64.
  [[nodiscard]] static result<master_key> from_text(std::string_view text);

  [[nodiscard]] secret text() const;
  [[nodiscard]] std::string_view reveal() const noexcept { return bytes_.reveal(); }

private:
  explicit master_key(secret bytes) noexcept : bytes_(std::move(bytes)) {}
  secret bytes_;
};

// `reference`: file:PATH or env:NAME. Errors are sentences for an operator and show no byte of a
// key: invalid_argument (neither form, or no key in it), not_found (no such file or variable),
// io_failed (can't be read).
[[nodiscard]] result<master_key> load_master_key(std::string_view reference);

// Nonce, ciphertext and tag; kid, algorithm and source are bound to them.
[[nodiscard]] std::string seal(const master_key& master, const signing_key& key);

// wrong_key: another master key, or bytes, kid, algorithm or source that are not those that were
// sealed together.
[[nodiscard]] result<signing_key_ptr> unseal(const master_key& master, token_algorithm algorithm,
                                             std::string source, std::string kid,
                                             std::string_view sealed);

}  // namespace filemint
