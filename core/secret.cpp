#include "core/secret.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace filemint {

void wipe(std::string& bytes) noexcept {
  bytes.resize(bytes.capacity());  // allocates nothing; what lies behind the last byte is wiped too
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

// A moved-from short string still holds its characters (small-string optimisation): each move ends
// with a wipe.
secret::secret(std::string&& bytes) noexcept : bytes_(std::move(bytes)) {
  wipe(bytes);
}

secret::secret(secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
  wipe(other.bytes_);
}

secret& secret::operator=(secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
  }
  return *this;
}

secret::~secret() {
  wipe(bytes_);
}

secret secret::clone() const {
  return secret(std::string(bytes_));
}

bool equal_secrets(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool equal_secrets(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace filemint
