#include "core/crypto/hmac_lanes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

// Vectors are passed between functions that are inlined, never through a call.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace filemint {
namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t lanes = 16;  // of a vector
static_assert(hmac_lanes == 2 * lanes);

constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::array<char, block_size> zeros{};

constexpr sha256_words initial_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// Messages by blocks. Whole blocks are read where they lie; the rest of each, the padding and its
// length (FIPS 180-4 §5.1.1) are put together here. Lanes without a message have no block.
class padded_messages {
public:
  // Once. `bytes_before`: what was hashed before them.
  void put(std::span<const std::string_view> rests, std::uint64_t bytes_before) noexcept {
    whole_.fill(ends_[0].data());
    whole_blocks_.fill(0);
    blocks_.fill(0);
    for (std::size_t i = 0; i < rests.size(); ++i) {
      const auto rest = rests[i];
      const auto whole = rest.size() / block_size;
      const auto left = rest.size() % block_size;
      const auto end_size = left + 9 <= block_size ? block_size : 2 * block_size;
      whole_[i] = rest.data();
      whole_blocks_[i] = whole;
      blocks_[i] = whole + end_size / block_size;
      most_blocks_ = std::max(most_blocks_, blocks_[i]);

      // By blocks, whose size the compiler knows: loops and `rep stos` take longer than the rest.
      char* const end = ends_[i].data() + block_size;
      std::memcpy(end, zeros.data(), block_size);
      std::memcpy(end + block_size, zeros.data(), block_size);
      if (whole != 0) {
        std::memcpy(end + left - block_size, rest.data() + rest.size() - block_size, block_size);
      } else {
        rest.copy(end, left);
      }
      end[left] = static_cast<char>(0x80);
      auto bits = (bytes_before + rest.size()) * 8;
      if constexpr (std::endian::native == std::endian::little) bits = std::byteswap(bits);
      std::memcpy(end + end_size - sizeof bits, &bits, sizeof bits);
    }
  }

  [[nodiscard]] std::size_t most_blocks() const noexcept { return most_blocks_; }

  // The k-th block of each lane; any bytes where it has fewer.
  [[nodiscard]] std::array<const char*, lanes> at(std::size_t k) const noexcept {
    std::array<const char*, lanes> blocks;
    for (std::size_t i = 0; i < lanes; ++i) {
      blocks[i] = k < whole_blocks_[i] ? whole_[i] + k * block_size
                  : k < blocks_[i]     ? ends_[i].data() + (k - whole_blocks_[i] + 1) * block_size
                                       : ends_[0].data();
    }
    return blocks;
  }

  // ~0 for each lane that has a k-th block.
  [[nodiscard]] std::array<std::uint32_t, lanes> active(std::size_t k) const noexcept {
    std::array<std::uint32_t, lanes> words;
    for (std::size_t i = 0; i < lanes; ++i) words[i] = k < blocks_[i] ? ~0U : 0U;
    return words;
  }

private:
  std::array<const char*, lanes> whole_;
  std::array<std::size_t, lanes> whole_blocks_{}, blocks_{};
  std::size_t most_blocks_ = 0;
  std::array<std::array<char, 3 * block_size>, lanes>
      ends_;  // not initialised; from the second block on
};

#if defined(__x86_64__)
namespace avx512 {
#define FILEMINT_LANES_TARGET [[gnu::target("avx512f")]]
#include "core/crypto/sha256_lanes.hpp"
#undef FILEMINT_LANES_TARGET
}  // namespace avx512
#endif

namespace any {
#define FILEMINT_LANES_TARGET
#include "core/crypto/sha256_lanes.hpp"
#undef FILEMINT_LANES_TARGET
}  // namespace any

}  // namespace

hmac_lanes_function hmac_lanes_by_avx512() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return avx512::macs;
#endif
  return nullptr;
}

sha256_lanes_function sha256_lanes_by_avx512() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return avx512::digests;
#endif
  return nullptr;
}

void sha256_lanes_by_any(std::span<const std::string_view> messages,
                         std::span<sha256_digest> out) noexcept {
  any::digests(messages, out);
}

void hmac_lanes_by_any(const hmac_start& start, std::span<const std::string_view> rests,
                       std::span<sha256_digest> out) noexcept {
  any::macs(start, rests, out);
}

}  // namespace filemint
