// Digests and MACs of many messages: the second half of sha256_lanes.hpp.

// The states behind the messages, of lanes that have one, from `states` on; `bytes` were hashed
// before.
template <std::size_t groups>
FILEMINT_LANES_INLINE void absorb(std::array<lane_state, groups>& states,
                                  std::span<const std::string_view> rests, std::uint64_t bytes) {
  std::array<padded_messages, groups> messages;
  std::array<lane_block, groups> blocks;
  std::array<words, groups> active;
  std::size_t most_blocks = 0;
  for (std::size_t group = 0; group < groups; ++group) {
    const auto first = group * lanes;
    messages[group].put(rests.subspan(first, std::min(lanes, rests.size() - first)), bytes);
    most_blocks = std::max(most_blocks, messages[group].most_blocks());
  }
  for (std::size_t k = 0; k < most_blocks; ++k) {
    for (std::size_t group = 0; group < groups; ++group) {
      blocks[group] = load(messages[group].at(k));
      std::memcpy(&active[group], messages[group].active(k).data(), sizeof active[group]);
    }
    compress(states, blocks, active);
  }
}

// As many as there is room for in `out`.
template <std::size_t groups>
FILEMINT_LANES_INLINE void write_digests(const std::array<lane_state, groups>& states,
                                         std::span<sha256_digest> out) {
  for (std::size_t group = 0; group < groups; ++group) {
    lane_block digests;
    const auto rest = std::ranges::copy(states[group], digests.begin()).out;
    std::fill(rest, digests.end(), words{});
    for (std::size_t i = 0; i < states[group].size(); ++i) digests[i] = big_endian(digests[i]);
    transpose(digests);
    for (std::size_t i = group * lanes; i < std::min(out.size(), (group + 1) * lanes); ++i)
      std::memcpy(&out[i], &digests[i % lanes], sizeof out[i]);
  }
}

template <std::size_t groups>
FILEMINT_LANES_TARGET void digests_in(std::span<const std::string_view> messages,
                                      std::span<sha256_digest> out) noexcept {
  std::array<lane_state, groups> states;
  states.fill(same_in_all(initial_state));
  absorb(states, messages, 0);
  write_digests(states, out);
}

template <std::size_t groups>
FILEMINT_LANES_TARGET void macs_in(const hmac_start& start, std::span<const std::string_view> rests,
                                   std::span<sha256_digest> out) noexcept {
  std::array<lane_state, groups> states;
  states.fill(same_in_all(start.inner));
  absorb(states, rests, start.bytes);

  // The inner digests are the outer messages, which end after 64 + 32 bytes.
  std::array<lane_block, groups> blocks;
  std::array<words, groups> active;
  for (std::size_t group = 0; group < groups; ++group) {
    const auto rest = std::ranges::copy(states[group], blocks[group].begin()).out;
    std::fill(rest, blocks[group].end(), words{});
    blocks[group][8] += 0x80000000;
    blocks[group][15] += (64 + 32) * 8;
    active[group] = ~words{};
  }
  states.fill(same_in_all(start.outer));
  compress(states, blocks, active);
  write_digests(states, out);
}

FILEMINT_LANES_TARGET void digests(std::span<const std::string_view> messages,
                                   std::span<sha256_digest> out) noexcept {
  out = out.first(messages.size());
  return messages.size() > lanes ? digests_in<2>(messages, out) : digests_in<1>(messages, out);
}

FILEMINT_LANES_TARGET void macs(const hmac_start& start, std::span<const std::string_view> rests,
                                std::span<sha256_digest> out) noexcept {
  out = out.first(rests.size());
  return rests.size() > lanes ? macs_in<2>(start, rests, out) : macs_in<1>(start, rests, out);
}

#undef FILEMINT_LANES_INLINE
