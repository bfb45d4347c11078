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

const EVP_MD_CTX* fresh_sha256() {
  static const md_context fresh = [] {
    auto context = new_md_context();
    must(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));
    return context;
  }();
  return fresh.get();
}

EVP_MD_CTX* scratch_context() {
  thread_local const md_context scratch = new_md_context();
  return scratch.get();
}

}  // namespace filemint::evp
