// SHA-256 (FIPS 180-4) of sixteen messages at once: a lane of a vector each. hmac_lanes.cpp
// includes this once for each set of instructions, in a namespace of its own, with
// FILEMINT_LANES_TARGET naming the set. No branch and no address depends on what the lanes hold.

constexpr std::size_t lanes = hmac_lanes;
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

// Lanes whose word of `active` is 0 keep their state; those that go on have ~0 there.
FILEMINT_LANES_INLINE void compress(lane_state& state, lane_block& block, const words& active) {
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t from = 0; from < 64; from += 16) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
      const words first = h + (block[i] + round_constants[from + i]) + (g ^ (e & (f ^ g))) +
                          (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25));
      const words second =
          (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
      if (from == 48) continue;
      const words next = block[(i + 1) % 16], last = block[(i + 14) % 16];
      block[i] += block[(i + 9) % 16] + (rotate(next, 7) ^ rotate(next, 18) ^ next >> 3) +
                  (rotate(last, 17) ^ rotate(last, 19) ^ last >> 10);
    }
  }
  const lane_state added{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += added[i] & active;
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

FILEMINT_LANES_TARGET void macs(const hmac_start& start, std::span<const std::string_view> rests,
                                std::span<sha256_digest> out) noexcept {
  padded_messages messages(rests, start.bytes);
  lane_state state = same_in_all(start.inner);
  for (std::size_t k = 0; k < messages.most_blocks(); ++k) {
    auto block = load(messages.at(k));
    words active;
    std::memcpy(&active, messages.active(k).data(), sizeof active);
    compress(state, block, active);
  }

  // The inner digests are the outer messages, which end after 64 + 32 bytes.
  lane_block block{};
  std::ranges::copy(state, block.begin());
  block[8] += 0x80000000;
  block[15] += (64 + 32) * 8;
  state = same_in_all(start.outer);
  compress(state, block, ~words{});

  lane_block digests{};
  for (std::size_t i = 0; i < state.size(); ++i) digests[i] = big_endian(state[i]);
  transpose(digests);
  for (std::size_t i = 0; i < rests.size(); ++i) std::memcpy(&out[i], &digests[i], sizeof out[i]);
}

#undef FILEMINT_LANES_INLINE
