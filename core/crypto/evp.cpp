#include "core/crypto/evp.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

namespace filemint::evp {

void deleter::operator()(EVP_MD_CTX* context) const noexcept {
  EVP_MD_CTX_free(context);
}
void deleter::operator()(EVP_CIPHER_CTX* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}
void deleter::operator()(EVP_PKEY* key) const noexcept {
  EVP_PKEY_free(key);
}

void must(int returned) noexcept {
  if (returned == 1) return;
  std::fputs(
      "filemint: OpenSSL refused a call that can't fail: out of memory, or a broken library\n",
      stderr);
  std::abort();
}

md_context new_md_context() {
  md_context context(EVP_MD_CTX_new());
  must(context != nullptr);
  return context;
}

}  // namespace filemint::evp
