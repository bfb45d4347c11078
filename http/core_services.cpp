#include "http/core_services.hpp"

#include "core/hash.hpp"

namespace filemint::http {

std::array<char, 16> core_services::next_request_id() noexcept {
  // A bijection of a counter that no other core uses: unique, and it tells nobody how many there
  // were.
  const auto count = ++last_id_ << 8 | (core.core & 0xff);
  auto bits = (count ^ process_hash_seed().state) * (process_hash_seed().secret | 1);
  bits ^= bits >> 32;
  std::array<char, 16> text{};
  for (auto& digit : text) {
    digit = "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
  return text;
}

}  // namespace filemint::http
