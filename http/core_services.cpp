#include "http/core_services.hpp"

#include "core/hash.hpp"

namespace filemint::http {

std::optional<actors::load_share> core_services::company_body_share(std::uint32_t company,
                                                                    std::size_t bytes) {
  constexpr std::size_t companies_budget = 8;  // an eighth each
  const auto most = settings().http.body_budget_bytes / companies_budget / core.node.load.cores();
  auto& held = company_bodies_[company];
  const auto now = held.load(std::memory_order_relaxed);
  if (now != 0 && now + bytes > most) return std::nullopt;
  held.fetch_add(bytes, std::memory_order_relaxed);
  return actors::load_share{held, bytes};
}

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
