// OpenSSL's SHA256_CTX: a state that is copied by value. EVP's way to copy one (EVP_MD_CTX_copy_ex)
// allocates, frees and wipes a context for each of a token's two digests, and took a quarter of
// minting a thousand tokens. Deprecated in favour of EVP since 3.0, and there in every 3.x.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/crypto/hmac_sha256.hpp"

#include "core/crypto/evp.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

namespace filemint {
namespace {

using block = std::array<unsigned char, SHA256_CBLOCK>;

block first_block(std::string_view key) {
  block first{};
  if (key.size() > first.size()) {
    std::ranges::copy(sha256(key), first.begin());
  } else {
    std::ranges::copy(key, first.begin());
  }
  return first;
}

SHA256_CTX state_after(std::string_view key, unsigned char pad) noexcept {
  auto padded = first_block(key);
  for (auto& byte : padded) byte ^= pad;
  SHA256_CTX state;
  evp::must(SHA256_Init(&state));
  evp::must(SHA256_Update(&state, padded.data(), padded.size()));
  OPENSSL_cleanse(padded.data(), padded.size());
  return state;
}

sha256_digest finish(SHA256_CTX state, std::string_view rest) noexcept {
  sha256_digest digest;
  evp::must(SHA256_Update(&state, rest.data(), rest.size()));
  evp::must(SHA256_Final(digest.data(), &state));
  return digest;
}

sha256_digest mac_from(const SHA256_CTX& inner, const SHA256_CTX& outer,
                       std::string_view rest) noexcept {
  const auto digest = finish(inner, rest);
  return finish(outer, {reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

keyed_sha256_state::~keyed_sha256_state() {
  OPENSSL_cleanse(&state_, sizeof state_);
}

hmac_sha256::hmac_sha256(std::string_view key) noexcept
    : inner_(state_after(key, 0x36)), outer_(state_after(key, 0x5C)) {}

sha256_digest hmac_sha256::mac(std::string_view message) const noexcept {
  return mac_from(inner_.get(), outer_.get(), message);
}

hmac_sha256::prefix hmac_sha256::begin(std::string_view beginning) const noexcept {
  const auto whole = beginning.substr(0, beginning.size() / SHA256_CBLOCK * SHA256_CBLOCK);
  SHA256_CTX inner = inner_.get();
  evp::must(SHA256_Update(&inner, whole.data(), whole.size()));
  return {inner, outer_, whole.size()};
}

sha256_digest hmac_sha256::prefix::mac(std::string_view message) const noexcept {
  return mac_from(inner_.get(), outer_->get(), message.substr(hashed_));
}

void hmac_sha256::prefix::macs(std::span<const std::string_view> messages,
                               std::span<sha256_digest> out) const noexcept {
  static const auto in_lanes = hmac_lanes_by_avx512();
  while (in_lanes != nullptr && messages.size() >= fewest_in_lanes) {
    const auto count = std::min(messages.size(), hmac_lanes);
    macs_in_lanes(in_lanes, messages.first(count), out);
    messages = messages.subspan(count);
    out = out.subspan(count);
  }
  std::ranges::transform(messages, out.begin(), [this](auto message) { return mac(message); });
}

void hmac_sha256::prefix::macs_in_lanes(hmac_lanes_function in_lanes,
                                        std::span<const std::string_view> messages,
                                        std::span<sha256_digest> out) const noexcept {
  hmac_start start;
  std::ranges::copy(inner_.get().h, start.inner.begin());
  std::ranges::copy(outer_->get().h, start.outer.begin());
  start.bytes = SHA256_CBLOCK + hashed_;
  std::array<std::string_view, hmac_lanes> rests;
  for (std::size_t i = 0; i < messages.size(); ++i) rests[i] = messages[i].substr(hashed_);
  in_lanes(start, std::span(rests).first(messages.size()), out);
  OPENSSL_cleanse(&start, sizeof start);
}

}  // namespace filemint
