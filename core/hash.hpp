// A hash for tables of short strings that strangers choose. It is seeded at random in each process,
// so that nobody can prepare keys that fall together. Not a MAC, not for anything that leaves the
// process.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace filemint {

struct hash_seed {
  std::uint64_t state;
  std::uint64_t secret;
};

// This process's own. Thread safe.
[[nodiscard]] inline const hash_seed& process_hash_seed() {
  static const hash_seed seed = [] {
    std::random_device random;
    const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
    return hash_seed{word(), word()};
  }();
  return seed;
}

namespace detail {

// Both halves of the 128-bit product, folded: each bit of the result depends on all bits of both
// factors.
[[nodiscard]] inline std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using wide = unsigned __int128;
  const auto product = static_cast<wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

[[nodiscard]] inline std::uint64_t load_word(const char* p) noexcept {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

}  // namespace detail

// Sixteen bytes a step; the last step takes the last sixteen, whatever of them was seen already.
[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view text,
                                              const hash_seed& seed) noexcept {
  using detail::fold_multiply, detail::load_word;
  const char* p = text.data();
  const auto size = text.size();
  std::uint64_t state = seed.state;
  if (size > 16) {
    for (std::size_t i = 0; i < size - 16; i += 16) {
      state = fold_multiply(load_word(p + i) ^ state, load_word(p + i + 8) ^ seed.secret);
    }
    p += size - 16;
    state = fold_multiply(load_word(p) ^ state, load_word(p + 8) ^ seed.secret);
  } else if (size >= 8) {
    state = fold_multiply(load_word(p) ^ state, load_word(p + size - 8) ^ seed.secret);
  } else {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i) word = word << 8 | static_cast<unsigned char>(p[i]);
    state = fold_multiply(word ^ state, seed.secret);
  }
  return fold_multiply(state ^ seed.secret, 0x9e37'79b9'7f4a'7c15U ^ size);
}

}  // namespace filemint
