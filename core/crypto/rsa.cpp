#include "core/crypto/rsa.hpp"

#include "core/crypto/pem.hpp"

#include <openssl/evp.h>

#include <utility>

namespace filemint {

result<rsa_key> rsa_key::from_pem(std::string_view pem) {
  auto key = parse_private_key(pem);
  if (!key) return std::unexpected(key.error());
  if (EVP_PKEY_is_a(key->get(), "RSA") != 1) {
    return fail(errc::invalid_argument, "the key in it is not one of RSA");
  }
  if (EVP_PKEY_get_bits(key->get()) < static_cast<int>(least_bits)) {
    return fail(errc::invalid_argument, "the key in it has fewer than 2048 bits");
  }
  const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key->get()));
  return rsa_key{std::move(*key), size};
}

void rsa_key::sign(std::string_view message, std::span<std::uint8_t> out) const {
  const auto context = evp::new_md_context();
  auto size = out.size();
  evp::must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()));
  evp::must(
      EVP_DigestSign(context.get(), out.data(), &size, evp::bytes_of(message), message.size()));
}

}  // namespace filemint
