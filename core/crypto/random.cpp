#include "core/crypto/random.hpp"

#include "core/crypto/base62.hpp"
#include "core/crypto/evp.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <utility>

namespace filemint {

void random_bytes(std::span<std::uint8_t> out) {
  evp::must(RAND_bytes(out.data(), static_cast<int>(out.size())));
}

secret random_secret(std::size_t bytes) {
  std::string drawn(bytes, '\0');
  random_bytes({reinterpret_cast<std::uint8_t*>(drawn.data()), drawn.size()});
  return secret(std::move(drawn));
}

void random_numbers(std::span<std::uint64_t> out) {
  random_bytes({reinterpret_cast<std::uint8_t*>(out.data()), out.size_bytes()});
}

std::string random_base62(std::size_t characters) {
  constexpr auto radix = base62_alphabet.size();
  constexpr auto even =
      256 / radix * radix;  // a byte from here on would favour the first characters
  std::string text;
  text.reserve(characters);
  std::array<std::uint8_t, 64> drawn;
  while (text.size() < characters) {
    random_bytes(drawn);
    for (const auto byte : drawn) {
      if (byte < even && text.size() < characters) text.push_back(base62_alphabet[byte % radix]);
    }
  }
  OPENSSL_cleanse(drawn.data(), drawn.size());
  return text;
}

}  // namespace filemint
