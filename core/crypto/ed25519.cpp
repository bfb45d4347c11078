#include "core/crypto/ed25519.hpp"

#include <openssl/evp.h>

#include <utility>

namespace filemint {

ed25519_key ed25519_key::generate() {
  evp::pkey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  evp::must(key != nullptr);
  return ed25519_key(std::move(key));
}

std::optional<ed25519_key> ed25519_key::from_seed(std::string_view seed) {
  if (seed.size() != seed_size) return std::nullopt;
  evp::pkey key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, evp::bytes_of(seed), seed.size()));
  evp::must(key != nullptr);
  return ed25519_key(std::move(key));
}

ed25519_signature ed25519_key::sign(std::string_view message) const {
  const auto context = evp::new_md_context();
  ed25519_signature signature;
  auto size = signature.size();
  evp::must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()));
  evp::must(EVP_DigestSign(context.get(), signature.data(), &size, evp::bytes_of(message),
                           message.size()));
  return signature;
}

bool ed25519_key::verify(std::string_view message, std::string_view signature) const {
  const auto context = evp::new_md_context();
  evp::must(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()));
  return EVP_DigestVerify(context.get(), evp::bytes_of(signature), signature.size(),
                          evp::bytes_of(message), message.size()) == 1;
}

secret ed25519_key::seed() const {
  std::string bytes(seed_size, '\0');
  auto size = bytes.size();
  evp::must(EVP_PKEY_get_raw_private_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                         &size));
  return secret(std::move(bytes));
}

std::string ed25519_key::public_key() const {
  std::string bytes(32, '\0');
  auto size = bytes.size();
  evp::must(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                        &size));
  return bytes;
}

}  // namespace filemint
