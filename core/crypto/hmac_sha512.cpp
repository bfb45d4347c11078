// OpenSSL's SHA512_CTX for the reason that core/crypto/hmac_sha256.cpp takes SHA256_CTX: a state is
// copied by value.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/crypto/hmac_sha512.hpp"

#include "core/crypto/evp.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace filemint {
namespace {

using block = std::array<unsigned char, SHA512_CBLOCK>;

sha512_digest finish(SHA512_CTX& state, const void* rest, std::size_t size) noexcept {
  sha512_digest digest;
  evp::must(SHA512_Update(&state, rest, size));
  evp::must(SHA512_Final(digest.data(), &state));
  return digest;
}

block first_block(std::string_view key) noexcept {
  block first{};
  if (key.size() > first.size()) {
    SHA512_CTX state;
    evp::must(SHA512_Init(&state));
    auto digest = finish(state, key.data(), key.size());
    std::ranges::copy(digest, first.begin());
    OPENSSL_cleanse(digest.data(), digest.size());
    OPENSSL_cleanse(&state, sizeof state);
  } else {
    std::ranges::copy(key, first.begin());
  }
  return first;
}

SHA512_CTX state_after(block padded, unsigned char pad) noexcept {
  for (auto& byte : padded) byte ^= pad;
  SHA512_CTX state;
  evp::must(SHA512_Init(&state));
  evp::must(SHA512_Update(&state, padded.data(), padded.size()));
  OPENSSL_cleanse(padded.data(), padded.size());
  return state;
}

}  // namespace

hmac_sha512::hmac_sha512(std::string_view key) noexcept {
  auto first = first_block(key);
  inner_ = state_after(first, 0x36);
  outer_ = state_after(first, 0x5C);
  OPENSSL_cleanse(first.data(), first.size());
}

hmac_sha512::~hmac_sha512() {
  OPENSSL_cleanse(&inner_, sizeof inner_);
  OPENSSL_cleanse(&outer_, sizeof outer_);
}

sha512_digest hmac_sha512::mac(std::string_view message) const noexcept {
  auto state = inner_;
  const auto digest = finish(state, message.data(), message.size());
  state = outer_;
  return finish(state, digest.data(), digest.size());
}

}  // namespace filemint
