// Tokens that token_signer would never make.
#pragma once

#include "core/crypto/base64url.hpp"
#include "core/signing_key.hpp"
#include "core/token.hpp"

#include <string>
#include <string_view>

namespace filemint::testing {

inline wall_time at(std::int64_t seconds) {
  return wall_time(std::chrono::seconds(seconds));
}

inline signing_key_ptr make_key(token_algorithm algorithm, std::string source = "magikarp",
                                std::string kid = "2026a") {
  return signing_key::generate(algorithm, std::move(source), std::move(kid)).value();
}

inline std::string signature_of(const signing_key& key, std::string_view bytes) {
  const auto text = [](const auto& array) {
    return std::string(reinterpret_cast<const char*>(array.data()), array.size());
  };
  if (key.hmac() != nullptr) return text(key.hmac()->mac(bytes));
  return text(key.ed25519() != nullptr ? key.ed25519()->sign(bytes) : key.p256()->sign(bytes));
}

// A compact JWS with that header and that payload, whatever they are, and a good signature.
inline std::string jws(const signing_key& key, std::string_view header, std::string_view payload) {
  auto token = base64url_encode(header) + '.' + base64url_encode(payload);
  const auto signature = base64url_encode(signature_of(key, token));
  return token + '.' + signature;
}

inline std::string sign(const token_signer& signer, std::string_view path, std::uint64_t jti) {
  std::string token(signer.size_for(path), '\0');
  signer.sign(path, jti, token.data());
  return token;
}

}  // namespace filemint::testing
