#include "core/crypto/sha256.hpp"

#include "core/crypto/evp.hpp"
#include "core/crypto/hmac_lanes.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace filemint {

// Copying a fresh state is what spares EVP its search for the algorithm.
sha256_digest sha256(std::string_view bytes) {
  static const auto fresh = [] {
    auto context = evp::new_md_context();
    evp::must(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));
    return context;
  }();
  thread_local const auto context = evp::new_md_context();
  sha256_digest digest;
  evp::must(EVP_MD_CTX_copy_ex(context.get(), fresh.get()));
  evp::must(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()));
  evp::must(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr));
  return digest;
}

void sha256_each(std::span<const std::string_view> messages, std::span<sha256_digest> out) {
  static const auto in_lanes = sha256_lanes_by_avx512();
  while (in_lanes != nullptr && messages.size() >= fewest_in_lanes) {
    const auto count = std::min(messages.size(), hmac_lanes);
    in_lanes(messages.first(count), out);
    messages = messages.subspan(count);
    out = out.subspan(count);
  }
  std::ranges::transform(messages, out.begin(), sha256);
}

}  // namespace filemint
