// What the files of this folder share of OpenSSL's EVP interface.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string_view>

namespace filemint::evp {

struct deleter {
  void operator()(EVP_MD_CTX* context) const noexcept;
  void operator()(EVP_CIPHER_CTX* context) const noexcept;
  void operator()(EVP_PKEY* key) const noexcept;
};
using md_context = std::unique_ptr<EVP_MD_CTX, deleter>;
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, deleter>;
using pkey = std::unique_ptr<EVP_PKEY, deleter>;

// For calls that fail only when memory is out or OpenSSL is broken: there is no going on without
// it. Aborts.
void must(int returned) noexcept;

[[nodiscard]] md_context new_md_context();
[[nodiscard]] inline const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace filemint::evp
