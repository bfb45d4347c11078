// HMAC-SHA256 (RFC 2104, FIPS 198-1) for many short messages under one key: the states after the
// key's two padded blocks are made once and copied for each message.
#pragma once

#include "core/crypto/sha256.hpp"

#include <openssl/sha.h>

#include <string_view>

namespace filemint {

// A SHA-256 computation under way that only a key's holder can know: wiped at its end. Copyable,
// thread safe as a value.
class keyed_sha256_state {
public:
  explicit keyed_sha256_state(const SHA256_CTX& state) noexcept : state_(state) {}
  keyed_sha256_state(const keyed_sha256_state&) = default;
  keyed_sha256_state& operator=(const keyed_sha256_state&) = default;
  ~keyed_sha256_state();

  [[nodiscard]] const SHA256_CTX& get() const noexcept { return state_; }

private:
  SHA256_CTX state_;
};

// Const members may run on several threads at once.
class hmac_sha256 {
public:
  static constexpr std::size_t size = 32;

  explicit hmac_sha256(std::string_view key) noexcept;

  [[nodiscard]] sha256_digest mac(std::string_view message) const noexcept;

  // A message whose beginning is the same for many. Must not outlive the hmac_sha256. Thread safe
  // as that.
  class prefix {
  public:
    [[nodiscard]] sha256_digest mac(std::string_view rest) const noexcept;

  private:
    friend class hmac_sha256;
    prefix(const SHA256_CTX& inner, const keyed_sha256_state& outer) noexcept
        : inner_(inner), outer_(&outer) {}
    keyed_sha256_state inner_;
    const keyed_sha256_state* outer_;
  };
  [[nodiscard]] prefix begin(std::string_view beginning) const noexcept;

private:
  keyed_sha256_state inner_;
  keyed_sha256_state outer_;
};

}  // namespace filemint
