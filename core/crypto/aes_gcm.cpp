#include "core/crypto/aes_gcm.hpp"

#include "core/crypto/evp.hpp"
#include "core/crypto/random.hpp"

#include <openssl/evp.h>

#include <cassert>
#include <utility>

namespace filemint {
namespace {

evp::cipher_context new_cipher_context() {
  evp::cipher_context context(EVP_CIPHER_CTX_new());
  evp::must(context != nullptr);
  return context;
}

unsigned char* writable(std::string& bytes, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data() + at);
}

int length(std::string_view bytes) {
  return static_cast<int>(bytes.size());
}

}  // namespace

std::string aes_gcm_seal(std::string_view key, std::string_view aad, std::string_view plaintext) {
  assert(key.size() == aes_256_key_size);
  const auto tag_at = gcm_nonce_size + plaintext.size();
  std::string sealed(tag_at + gcm_tag_size, '\0');
  random_bytes({writable(sealed), gcm_nonce_size});

  const auto context = new_cipher_context();
  int written = 0;
  evp::must(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, evp::bytes_of(key),
                               writable(sealed)));
  evp::must(EVP_EncryptUpdate(context.get(), nullptr, &written, evp::bytes_of(aad), length(aad)));
  evp::must(EVP_EncryptUpdate(context.get(), writable(sealed, gcm_nonce_size), &written,
                              evp::bytes_of(plaintext), length(plaintext)));
  evp::must(EVP_EncryptFinal_ex(context.get(), writable(sealed, tag_at), &written));
  evp::must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, gcm_tag_size,
                                writable(sealed, tag_at)));
  return sealed;
}

std::optional<secret> aes_gcm_open(std::string_view key, std::string_view aad,
                                   std::string_view sealed) {
  assert(key.size() == aes_256_key_size);
  if (sealed.size() < gcm_nonce_size + gcm_tag_size) return std::nullopt;
  const auto nonce = sealed.substr(0, gcm_nonce_size);
  const auto ciphertext =
      sealed.substr(gcm_nonce_size, sealed.size() - gcm_nonce_size - gcm_tag_size);
  std::string tag(sealed.substr(sealed.size() - gcm_tag_size));
  std::string plaintext(ciphertext.size(), '\0');

  const auto context = new_cipher_context();
  int written = 0;
  evp::must(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, evp::bytes_of(key),
                               evp::bytes_of(nonce)));
  evp::must(EVP_DecryptUpdate(context.get(), nullptr, &written, evp::bytes_of(aad), length(aad)));
  evp::must(EVP_DecryptUpdate(context.get(), writable(plaintext), &written,
                              evp::bytes_of(ciphertext), length(ciphertext)));
  evp::must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, gcm_tag_size, writable(tag)));
  const bool authentic =
      EVP_DecryptFinal_ex(context.get(), writable(plaintext, plaintext.size()), &written) == 1;
  secret opened(std::move(plaintext));
  if (!authentic) return std::nullopt;
  return opened;
}

}  // namespace filemint
