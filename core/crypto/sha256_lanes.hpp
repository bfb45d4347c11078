// SHA-256 (FIPS 180-4) of sixteen messages at once, a lane of a vector each, or of two such groups
// whose steps alternate: one group waits for its own results half of the time. hmac_lanes.cpp
// includes this once for each set of instructions, in a namespace of its own, with
// FILEMINT_LANES_TARGET naming the set. No branch and no address depends on what the lanes hold.

using words = std::uint32_t __attribute__((vector_size(lanes * sizeof(std::uint32_t))));
using lane_state = std::array<words, 8>;  // a word of all lanes each
using lane_block = std::array<words, 16>;

#define FILEMINT_LANES_INLINE FILEMINT_LANES_TARGET [[gnu::always_inline]] inline

FILEMINT_LANES_INLINE words rotate(const words& x, int by) {
  return x >> by | x << (32 - by);
}

FILEMINT_LANES_INLINE words big_endian(const words& x) {
  return (rotate(x, 8) & 0xFF00FF00) | (rotate(x, 24) & 0x00FF00FF);
}

// Rows to columns: row i with row i + 8, word by word, four times.
FILEMINT_LANES_INLINE void transpose(lane_block& rows) {
  for (int i = 0; i < 4; ++i) {
    lane_block mixed;
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 8; ++k) {
      const auto low = rows[k], high = rows[k + 8];
      mixed[2 * k] = __builtin_shufflevector(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                             22, 7, 23);
      mixed[2 * k + 1] = __builtin_shufflevector(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                                 13, 29, 14, 30, 15, 31);
    }
    rows = mixed;
  }
}

// Round from + i, and what its word of the block is sixteen rounds later. Sums are taken in an
// order in which what the next round waits for comes last.
FILEMINT_LANES_INLINE void round(lane_state& state, lane_block& block, std::size_t from,
                                 std::size_t i) {
  auto& [a, b, c, d, e, f, g, h] = state;
  const words known = h + (block[i] + round_constants[from + i]);
  const words choice = g ^ (e & (f ^ g));
  const words majority = (a & b) | (c & (a | b));
  const words sum_of_a = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
  const words sum_of_e = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
  const words known_e = (d + known) + choice;
  const words known_a = ((known + choice) + sum_of_e) + majority;
  h = g;
  g = f;
  f = e;
  e = known_e + sum_of_e;
  d = c;
  c = b;
  b = a;
  a = known_a + sum_of_a;
  if (from == 48) return;
  const words next = block[(i + 1) % 16], last = block[(i + 14) % 16];
  block[i] += block[(i + 9) % 16] + (rotate(next, 7) ^ rotate(next, 18) ^ next >> 3) +
              (rotate(last, 17) ^ rotate(last, 19) ^ last >> 10);
}

// Lanes whose word of `active` is 0 keep their state; those that go on have ~0 there.
template <std::size_t groups>
FILEMINT_LANES_TARGET [[gnu::noinline]] void compress(std::array<lane_state, groups>& states,
                                                      std::array<lane_block, groups>& given,
                                                      const std::array<words, groups>& active) {
  auto now = states;
  auto blocks = given;
  for (std::size_t from = 0; from < 64; from += 16) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
#pragma GCC unroll 2
      for (std::size_t group = 0; group < groups; ++group)
        round(now[group], blocks[group], from, i);
    }
  }
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t i = 0; i < now[group].size(); ++i)
      states[group][i] += now[group][i] & active[group];
  }
}

FILEMINT_LANES_INLINE lane_state same_in_all(const sha256_words& state) {
  lane_state all;
  for (std::size_t i = 0; i < state.size(); ++i) all[i] = words{} + state[i];
  return all;
}

FILEMINT_LANES_INLINE lane_block load(const std::array<const char*, lanes>& at) {
  lane_block rows;
#pragma GCC unroll 16
  for (std::size_t i = 0; i < lanes; ++i) std::memcpy(&rows[i], at[i], sizeof rows[i]);
  transpose(rows);
#pragma GCC unroll 16
  for (auto& each : rows) each = big_endian(each);
  return rows;
}

#include "core/crypto/lane_digests.hpp"
