#include "core/crypto/base64url.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace filemint {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using character_pair = std::array<char, 2>;

// Twelve bits at a time: half the look-ups of six.
constexpr auto pairs = [] {
  std::array<character_pair, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  return table;
}();

constexpr std::uint8_t not_in_alphabet = 0xFF;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(not_in_alphabet);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

char* put_pair(std::uint64_t bits, char* out) noexcept {
  std::memcpy(out, pairs[bits & 4095].data(), 2);
  return out + 2;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t i) noexcept {
  return static_cast<unsigned char>(bytes[i]);
}

// How many bytes were encoded, a multiple of three; the rest is for whoever goes on behind it.
using block_encoder = std::size_t (*)(std::string_view, char*) noexcept;

std::size_t encode_no_block(std::string_view, char*) noexcept {
  return 0;
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

// From eighteen bytes on: all whole groups of three.
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

block_encoder choose_block_encoder() noexcept {
  return __builtin_cpu_supports("ssse3") ? encode_blocks : encode_no_block;
}
#else
block_encoder choose_block_encoder() noexcept {
  return encode_no_block;
}
#endif

}  // namespace

char* base64url_encode(std::string_view bytes, char* out) noexcept {
  static const block_encoder encode = choose_block_encoder();
  std::size_t i = encode(bytes, out);
  out += i / 3 * 4;
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
    *out++ = alphabet[bits & 63];
  }
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string text(base64url_size(bytes.size()), '\0');
  base64url_encode(bytes, text.data());
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes(text.size() * 3 / 4, '\0');
  auto* out = bytes.data();
  std::uint32_t seen = 0;  // every value, or-ed: one outside the alphabet sets a bit above the six
  const auto value_at = [&](std::size_t i) {
    const std::uint32_t value = values[static_cast<unsigned char>(text[i])];
    seen |= value;
    return value;
  };
  const auto put_byte = [&](std::uint32_t bits) { *out++ = static_cast<char>(bits & 0xFF); };

  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const auto bits =
        value_at(i) << 18 | value_at(i + 1) << 12 | value_at(i + 2) << 6 | value_at(i + 3);
    put_byte(bits >> 16);
    put_byte(bits >> 8);
    put_byte(bits);
  }
  std::uint32_t trailing = 0;
  if (text.size() - i == 2) {
    const auto bits = value_at(i) << 6 | value_at(i + 1);
    put_byte(bits >> 4);
    trailing = bits & 0xF;
  } else if (text.size() - i == 3) {
    const auto bits = value_at(i) << 12 | value_at(i + 1) << 6 | value_at(i + 2);
    put_byte(bits >> 10);
    put_byte(bits >> 2);
    trailing = bits & 0x3;
  }
  if (seen > 63 || trailing != 0) return std::nullopt;
  return bytes;
}

}  // namespace filemint
