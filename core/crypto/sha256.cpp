#include "core/crypto/sha256.hpp"

#include "core/crypto/evp.hpp"

#include <openssl/evp.h>

namespace filemint {

sha256_digest sha256(std::string_view bytes) {
  auto* const context = evp::scratch_context();
  sha256_digest digest;
  evp::must(EVP_MD_CTX_copy_ex(context, evp::fresh_sha256()));
  evp::must(EVP_DigestUpdate(context, bytes.data(), bytes.size()));
  evp::must(EVP_DigestFinal_ex(context, digest.data(), nullptr));
  return digest;
}

}  // namespace filemint
