// SHA-256 and HMAC-SHA256 of up to 32 messages at once: sixteen take as long as six by
// themselves, and 32 a good half longer than sixteen, where the processor has AVX-512. Pure
// functions, thread safe.
#pragma once

#include "core/crypto/sha256.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace filemint {

inline constexpr std::size_t hmac_lanes = 32;
// Measured: sixteen in lanes, or one, take as long as six one after the other.
inline constexpr std::size_t fewest_in_lanes = 6;

using sha256_words = std::array<std::uint32_t, 8>;

// What the messages have in common: the key, and maybe a beginning. As secret as the key.
struct hmac_start {
  sha256_words inner;   // the state after the inner pad and whole blocks of the beginning
  sha256_words outer;   // the state after the outer pad
  std::uint64_t bytes;  // what `inner` holds, the pad counted in
};

// `rests`: 1 to hmac_lanes messages, of any lengths, without what `inner` holds; `out`: as many.
// Fast where the longest has few blocks more than the others.
using hmac_lanes_function = void (*)(const hmac_start& start,
                                     std::span<const std::string_view> rests,
                                     std::span<sha256_digest> out) noexcept;

// `messages`: 1 to hmac_lanes of them, of any lengths; `out`: as many.
using sha256_lanes_function = void (*)(std::span<const std::string_view> messages,
                                       std::span<sha256_digest> out) noexcept;

// Null where the processor or the system does not have AVX-512.
[[nodiscard]] hmac_lanes_function hmac_lanes_by_avx512() noexcept;
[[nodiscard]] sha256_lanes_function sha256_lanes_by_avx512() noexcept;

// The same code for any processor. Nobody gains by it: it is there for tests, which see all of that
// code wherever they run.
void sha256_lanes_by_any(std::span<const std::string_view> messages,
                         std::span<sha256_digest> out) noexcept;
void hmac_lanes_by_any(const hmac_start& start, std::span<const std::string_view> rests,
                       std::span<sha256_digest> out) noexcept;

}  // namespace filemint
