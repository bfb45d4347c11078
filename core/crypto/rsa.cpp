#include "core/crypto/rsa.hpp"

#include "core/crypto/pem.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <utility>
#include <vector>

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
  rsa_key made{std::move(*key), size};
  // What is parsed may not fit together.
  if (std::vector<std::uint8_t> tried(size); !made.try_to_sign("", tried)) {
    ERR_clear_error();
    return fail(errc::invalid_argument, "the key in it can't sign");
  }
  return made;
}

void rsa_key::sign(std::string_view message, std::span<std::uint8_t> out) const {
  evp::must(try_to_sign(message, out));
}

bool rsa_key::try_to_sign(std::string_view message, std::span<std::uint8_t> out) const noexcept {
  const auto context = evp::new_md_context();
  auto size = out.size();
  return EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestSign(context.get(), out.data(), &size, evp::bytes_of(message), message.size()) ==
             1;
}

}  // namespace filemint
