// Sixteen bytes looked at together, by the compilers' vector extensions: one SSE2 or NEON register,
// plain code elsewhere. A comparison of blocks gives FF where it holds and 00 where it does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace filemint {

using byte_block [[gnu::vector_size(16)]] = unsigned char;
using block_flags [[gnu::vector_size(16)]] = signed char;
inline constexpr std::size_t block_bytes = sizeof(byte_block);

[[nodiscard]] inline byte_block load_block(const char* p) noexcept {
  byte_block block;
  std::memcpy(&block, p, sizeof block);
  return block;
}

// A block of the `n` bytes at `p` and nothing else, 1 <= n < 16; some of them stand in it more than
// once.
[[nodiscard]] inline byte_block load_short_block(const char* p, std::size_t n) noexcept {
  std::uint64_t halves[2];
  if (n >= 8) {
    std::memcpy(&halves[0], p, 8);
    std::memcpy(&halves[1], p + n - 8, 8);
  } else if (n >= 4) {
    std::uint32_t quarters[2];
    std::memcpy(&quarters[0], p, 4);
    std::memcpy(&quarters[1], p + n - 4, 4);
    std::memcpy(&halves[0], quarters, 8);
    halves[1] = halves[0];
  } else {
    const auto at = [p](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
    halves[0] = (at(0) | at(n / 2) << 8 | at(n - 1) << 16) * 0x0000'0001'0000'0001U | at(0) << 24 |
                at(0) << 56;
    halves[1] = halves[0];
  }
  byte_block block;
  std::memcpy(&block, halves, sizeof block);
  return block;
}

[[nodiscard]] inline bool any(block_flags flags) noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, &flags, sizeof flags);
  return (halves[0] | halves[1]) != 0;
}

// The flags that `test` (a block in, flags out) raises for any of the text's bytes.
template <class Test>
[[nodiscard]] bool any_byte(const char* p, std::size_t n, Test test) noexcept {
  if (n < block_bytes) return n != 0 && any(test(load_short_block(p, n)));
  block_flags flags = test(load_block(p + n - block_bytes));
  for (std::size_t i = 0; i + block_bytes < n; i += block_bytes) flags |= test(load_block(p + i));
  return any(flags);
}

}  // namespace filemint
