// How much of a core's bodies each company holds.
#pragma once

#include "actors/load_meter.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace filemint::actors {

// Of the eighth of the body budget that is a company's, dealt out evenly to the cores. One body
// always fits: without that the largest that is allowed never would. Thread safety: take belongs to
// one thread; a share may end on any, but not after this.
class company_shares {
public:
  [[nodiscard]] std::optional<load_share> take(std::uint32_t company, std::size_t bytes,
                                               std::size_t body_budget, std::size_t cores) {
    constexpr std::size_t companies = 8;
    auto& held = held_[company];
    const auto now = held.load(std::memory_order_relaxed);
    if (now != 0 && now + bytes > body_budget / companies / cores) return std::nullopt;
    held.fetch_add(bytes, std::memory_order_relaxed);
    return load_share{held, bytes};
  }

private:
  std::unordered_map<std::uint32_t, std::atomic<std::size_t>> held_;  // bytes, by company
};

}  // namespace filemint::actors
