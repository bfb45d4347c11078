// ECDSA over P-256 with SHA-256 as FIPS 186-5 §6.4.2 writes it down, by numbers and points: another
// reckoning than core/crypto/p256's, which leaves it to OpenSSL's verifier.
#pragma once

#include <string>
#include <string_view>

namespace filemint::fuzz {

// point: x and y, signature: r and s, of 32 bytes each. False for any other length.
[[nodiscard]] bool textbook_ecdsa_verify(std::string_view point, std::string_view message,
                                         std::string_view signature);

// The group's order n, 32 bytes.
[[nodiscard]] std::string p256_order();

}  // namespace filemint::fuzz
