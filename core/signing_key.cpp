#include "core/signing_key.hpp"

#include "core/crypto/random.hpp"

#include <algorithm>
#include <utility>

namespace filemint {
namespace {

constexpr std::size_t generated_size = 32;
static_assert(generated_size == ed25519_key::seed_size);
static_assert(generated_size == p256_key::scalar_size);

constexpr std::string_view kid_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
constexpr std::string_view source_characters = "abcdefghijklmnopqrstuvwxyz0123456789_-";

bool is_name(std::string_view text, std::size_t longest, std::string_view characters) {
  return !text.empty() && text.size() <= longest && text.find_first_not_of(characters) == text.npos;
}

}  // namespace

std::string_view jose_name(token_algorithm algorithm) noexcept {
  switch (algorithm) {
    case token_algorithm::hs256:
      return "HS256";
    case token_algorithm::eddsa:
      return "EdDSA";
    case token_algorithm::es256:
      return "ES256";
  }
  return {};
}

std::optional<token_algorithm> algorithm_from_jose_name(std::string_view name) noexcept {
  for (const auto algorithm :
       {token_algorithm::hs256, token_algorithm::eddsa, token_algorithm::es256}) {
    if (name == jose_name(algorithm)) return algorithm;
  }
  return std::nullopt;
}

signing_key::signing_key(std::string source, std::string kid, key_material key) noexcept
    : source_(std::move(source)), kid_(std::move(kid)), key_(std::move(key)) {}

std::string signing_key::new_kid() {
  constexpr std::size_t size = 8;
  return random_base62(size);
}

result<signing_key_ptr> signing_key::generate(token_algorithm algorithm, std::string source,
                                              std::string kid) {
  auto raw = random_secret(generated_size);
  // One number of 2^32 is no scalar of P-256.
  while (algorithm == token_algorithm::es256 && !p256_key::from_scalar(raw.reveal()))
    raw = random_secret(generated_size);
  return from_raw(algorithm, std::move(source), std::move(kid), raw);
}

result<signing_key_ptr> signing_key::from_raw(token_algorithm algorithm, std::string source,
                                              std::string kid, const secret& raw) {
  if (!is_name(kid, 64, kid_characters)) {
    return fail(errc::invalid_argument, "a signing key's id is 1 to 64 of [A-Za-z0-9._-]");
  }
  if (!is_name(source, 32, source_characters)) {
    return fail(errc::invalid_argument, "a signing key's source is 1 to 32 of [a-z0-9_-]");
  }
  const auto make = [&](key_material key) {
    return signing_key_ptr(new signing_key(std::move(source), std::move(kid), std::move(key)));
  };
  if (algorithm == token_algorithm::hs256) {
    if (raw.size() < 32 || raw.size() > 64) {
      return fail(errc::invalid_argument, "a key for HS256 has 32 to 64 bytes");
    }
    return make(hmac_key{raw.clone(), hmac_sha256(raw.reveal())});
  }
  if (algorithm == token_algorithm::es256) {
    auto key = p256_key::from_scalar(raw.reveal());
    if (!key) return fail(errc::invalid_argument, "a key for ES256 has 32 bytes, below P-256's n");
    return make(std::move(*key));
  }
  auto key = ed25519_key::from_seed(raw.reveal());
  if (!key) return fail(errc::invalid_argument, "a key for EdDSA (Ed25519) has 32 bytes");
  return make(std::move(*key));
}

secret signing_key::raw() const {
  if (const auto* key = std::get_if<hmac_key>(&key_)) return key->raw.clone();
  if (const auto* key = p256()) return key->scalar();
  return ed25519()->seed();
}

std::string signing_key::public_key() const {
  if (const auto* key = ed25519()) return key->public_key();
  if (const auto* key = p256()) return key->public_key();
  return {};
}

const hmac_sha256* signing_key::hmac() const noexcept {
  const auto* key = std::get_if<hmac_key>(&key_);
  return key != nullptr ? &key->mac : nullptr;
}

const ed25519_key* signing_key::ed25519() const noexcept {
  return std::get_if<ed25519_key>(&key_);
}

const p256_key* signing_key::p256() const noexcept {
  return std::get_if<p256_key>(&key_);
}

token_algorithm signing_key::algorithm() const noexcept {
  if (hmac() != nullptr) return token_algorithm::hs256;
  return ed25519() != nullptr ? token_algorithm::eddsa : token_algorithm::es256;
}

std::size_t signing_key::signature_size() const noexcept {
  if (hmac() != nullptr) return hmac_sha256::size;
  return std::tuple_size_v<ed25519_signature>;  // P-256's is as long
}

bool signing_key::verify(std::string_view message, std::string_view signature) const {
  if (const auto* key = ed25519()) return key->verify(message, signature);
  if (const auto* key = p256()) return key->verify(message, signature);
  const auto expected = hmac()->mac(message);
  return equal_secrets({reinterpret_cast<const char*>(expected.data()), expected.size()},
                       signature);
}

}  // namespace filemint
