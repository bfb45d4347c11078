#include "core/crypto/base64url_encoders.hpp"

#include "core/crypto/base64url.hpp"

#if defined(__x86_64__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // GCC 12 in its own header (bug 105593)
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace filemint {
namespace {

using character_pair = std::array<char, 2>;

// Twelve bits at a time: half the look-ups of six.
constexpr auto pairs = [] {
  std::array<character_pair, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = {base64url_alphabet[i >> 6], base64url_alphabet[i & 63]};
  return table;
}();

char* put_pair(std::uint64_t bits, char* out) noexcept {
  std::memcpy(out, pairs[bits & 4095].data(), 2);
  return out + 2;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t i) noexcept {
  return static_cast<unsigned char>(bytes[i]);
}

// What is behind the first `i` bytes, a multiple of three; `out` stands behind their characters.
char* encode_from(std::size_t i, std::string_view bytes, char* out) noexcept {
  for (; i + 8 <= bytes.size(); i += 6) {  // reads eight bytes, uses six
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    if constexpr (std::endian::native == std::endian::little) word = std::byteswap(word);
    for (const int shift : {52, 40, 28, 16}) out = put_pair(word >> shift, out);
  }
  for (; i + 3 <= bytes.size(); i += 3) {
    const auto bits = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    out = put_pair(bits >> 12, out);
    out = put_pair(bits, out);
  }
  if (bytes.size() - i == 1) return put_pair(byte_at(bytes, i) << 4, out);
  if (bytes.size() - i == 2) {
    const auto bits = byte_at(bytes, i) << 10 | byte_at(bytes, i + 1) << 2;
    out = put_pair(bits >> 6, out);
    *out++ = base64url_alphabet[bits & 63];
  }
  return out;
}

char* encode_by_tables(std::string_view bytes, char* out) noexcept {
  return encode_from(0, bytes, out);
}

#if defined(__x86_64__)
// By byte shuffles (Mula and Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions",
// 2018): twelve bytes of a block, where `spread` finds them, become sixteen characters.
[[gnu::target("ssse3")]] inline __m128i encode_block(__m128i block, __m128i spread) noexcept {
  // By class: 'a' to 'z', the ten digits, '-', '_', 'A' to 'Z'.
  constexpr char digit = '0' - 52;
  const __m128i offsets = _mm_setr_epi8('a' - 26, digit, digit, digit, digit, digit, digit, digit,
                                        digit, digit, digit, '-' - 62, '_' - 63, 'A', 0, 0);
  const auto spread_out = _mm_shuffle_epi8(block, spread);
  const auto odd = _mm_mulhi_epu16(_mm_and_si128(spread_out, _mm_set1_epi32(0x0fc0fc00)),
                                   _mm_set1_epi32(0x04000040));
  const auto even = _mm_mullo_epi16(_mm_and_si128(spread_out, _mm_set1_epi32(0x003f03f0)),
                                    _mm_set1_epi32(0x01000010));
  const auto sixes = _mm_or_si128(odd, even);
  const auto capital = _mm_and_si128(_mm_cmpgt_epi8(_mm_set1_epi8(26), sixes), _mm_set1_epi8(13));
  const auto kind = _mm_or_si128(_mm_subs_epu8(sixes, _mm_set1_epi8(51)), capital);
  return _mm_add_epi8(_mm_shuffle_epi8(offsets, kind), sixes);
}

// How many bytes were encoded: from eighteen on all whole groups of three.
[[gnu::target("ssse3")]] std::size_t encode_blocks(std::string_view bytes, char* out) noexcept {
  constexpr std::size_t block_size = 16;
  constexpr std::size_t used = 12;
  const auto end = bytes.size() - bytes.size() % 3;
  if (end < block_size) return 0;
  const __m128i at_front = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  const __m128i at_back = _mm_add_epi8(at_front, _mm_set1_epi8(block_size - used));
  const auto load = [&](std::size_t i) __attribute__((target("ssse3"))) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + i));
  };
  const auto store = [&](std::size_t i, __m128i text) __attribute__((target("ssse3"))) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i / 3 * 4), text);
  };

  // All blocks but the first read the four bytes before theirs, so that none reads behind the end.
  // The last may overlap the one before it; it is read first, since what is written may reach it.
  const auto last = load(end - block_size);
  store(0, encode_block(load(0), at_front));
  for (std::size_t i = used; i + used <= end; i += used)
    store(i, encode_block(load(i + used - block_size), at_back));
  store(end - used, encode_block(last, at_back));
  return end;
}

char* encode_by_ssse3(std::string_view bytes, char* out) noexcept {
  const auto done = encode_blocks(bytes, out);
  return encode_from(done, bytes, out + done / 3 * 4);
}

// 48 bytes at a time become 64 characters, by shuffles that look any byte up and shifts that take
// any eight bits out of eight bytes (Mula and Lemire, "Base64 encoding and decoding at almost the
// speed of a memory copy", 2019). What is beyond the end is neither read nor written.
[[gnu::target("avx512f,avx512bw,avx512vbmi,bmi2")]] char* encode_by_avx512(std::string_view bytes,
                                                                           char* out) noexcept {
  constexpr std::size_t at_once = 48;
  // Each three bytes as four, so that every eight hold the bits of eight characters.
  alignas(64) static constexpr auto spread = [] {
    std::array<std::uint8_t, 64> order{};
    for (std::size_t i = 0; i < order.size(); ++i) {
      constexpr std::array<std::uint8_t, 4> of_group{1, 0, 2, 1};
      order[i] = static_cast<std::uint8_t>(i / 4 * 3 + of_group[i % 4]);
    }
    return order;
  }();
  constexpr auto first_bits = 0x3036242a1016040a;  // of each character, from the last to the first
  const auto order = _mm512_load_si512(spread.data());
  const auto letters = _mm512_loadu_si512(base64url_alphabet.data());
  for (std::size_t i = 0;; i += at_once) {
    const auto n = std::min(bytes.size() - i, at_once);
    const auto some = _bzhi_u64(~0ULL, static_cast<unsigned>(n));
    const auto read = _mm512_maskz_loadu_epi8(some, bytes.data() + i);
    const auto sixes = _mm512_multishift_epi64_epi8(_mm512_set1_epi64(first_bits),
                                                    _mm512_permutexvar_epi8(order, read));
    const auto text = _mm512_permutexvar_epi8(sixes, letters);
    if (n < at_once) {
      const auto size = base64url_size(n);
      _mm512_mask_storeu_epi8(out, _bzhi_u64(~0ULL, static_cast<unsigned>(size)), text);
      return out + size;
    }
    _mm512_storeu_si512(out, text);
    out += 64;
  }
}
#endif

auto encoders_here() noexcept {
  std::array<base64url_encoder, 3> found{};
  std::size_t count = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
      __builtin_cpu_supports("bmi2")) {
    found[count++] = {"AVX-512", encode_by_avx512};
  }
  if (__builtin_cpu_supports("ssse3")) found[count++] = {"SSSE3", encode_by_ssse3};
#endif
  found[count++] = {"tables", encode_by_tables};
  return std::pair{found, count};
}

}  // namespace

std::span<const base64url_encoder> base64url_encoders() noexcept {
  static const auto here = encoders_here();
  return std::span(here.first).first(here.second);
}

}  // namespace filemint
