#include "core/crypto/hmac_sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace filemint {
namespace {

using block = std::array<unsigned char, 64>;

evp::md_context state_after(const block& key, unsigned char pad) {
  block padded;
  std::ranges::transform(key, padded.begin(), [&](unsigned char byte) {
    return static_cast<unsigned char>(byte ^ pad);
  });
  auto context = evp::new_md_context();
  evp::must(EVP_MD_CTX_copy_ex(context.get(), evp::fresh_sha256()));
  evp::must(EVP_DigestUpdate(context.get(), padded.data(), padded.size()));
  OPENSSL_cleanse(padded.data(), padded.size());
  return context;
}

sha256_digest finish(const EVP_MD_CTX* state, std::string_view rest) {
  auto* const context = evp::scratch_context();
  sha256_digest digest;
  evp::must(EVP_MD_CTX_copy_ex(context, state));
  evp::must(EVP_DigestUpdate(context, rest.data(), rest.size()));
  evp::must(EVP_DigestFinal_ex(context, digest.data(), nullptr));
  return digest;
}

sha256_digest mac_from(const EVP_MD_CTX* inner, const EVP_MD_CTX* outer, std::string_view rest) {
  const auto digest = finish(inner, rest);
  return finish(outer, {reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

hmac_sha256::hmac_sha256(std::string_view key) {
  block first{};
  if (key.size() > first.size()) {
    std::ranges::copy(sha256(key), first.begin());
  } else {
    std::ranges::copy(key, first.begin());
  }
  inner_ = state_after(first, 0x36);
  outer_ = state_after(first, 0x5C);
  OPENSSL_cleanse(first.data(), first.size());
}

sha256_digest hmac_sha256::mac(std::string_view message) const {
  return mac_from(inner_.get(), outer_.get(), message);
}

hmac_sha256::prefix hmac_sha256::begin(std::string_view beginning) const {
  auto inner = evp::new_md_context();
  evp::must(EVP_MD_CTX_copy_ex(inner.get(), inner_.get()));
  evp::must(EVP_DigestUpdate(inner.get(), beginning.data(), beginning.size()));
  return {std::move(inner), outer_.get()};
}

sha256_digest hmac_sha256::prefix::mac(std::string_view rest) const {
  return mac_from(inner_.get(), outer_, rest);
}

}  // namespace filemint
