// HMAC-SHA256 (RFC 2104, FIPS 198-1) for many short messages under one key: the states after the
// key's two padded blocks are made once and copied for each message.
#pragma once

#include "core/crypto/hmac_lanes.hpp"
#include "core/crypto/sha256.hpp"

#include <openssl/sha.h>

#include <span>
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

  // Messages with the same beginning, which each of them is given with: its whole blocks are hashed
  // once. Must not outlive the hmac_sha256. Thread safe as that.
  class prefix {
  public:
    [[nodiscard]] sha256_digest mac(std::string_view message) const noexcept;
    // `out` is at least as long as `messages`. Sixteen cost what six cost by themselves, where the
    // processor has AVX-512.
    void macs(std::span<const std::string_view> messages,
              std::span<sha256_digest> out) const noexcept;

  private:
    friend class hmac_sha256;
    prefix(const SHA256_CTX& inner, const keyed_sha256_state& outer, std::size_t hashed) noexcept
        : inner_(inner), outer_(&outer), hashed_(hashed) {}
    void macs_in_lanes(hmac_lanes_function in_lanes, std::span<const std::string_view> messages,
                       std::span<sha256_digest> out) const noexcept;

    keyed_sha256_state inner_;
    const keyed_sha256_state* outer_;
    std::size_t hashed_;  // bytes of the beginning
  };
  [[nodiscard]] prefix begin(std::string_view beginning) const noexcept;

private:
  keyed_sha256_state inner_;
  keyed_sha256_state outer_;
};

}  // namespace filemint
