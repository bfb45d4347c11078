// How many messages wait for the actors of each kind on one core. Any thread may count and read.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace filemint::actors {

enum class actor_kind : std::uint8_t {
  front_end,
  auth,
  limiter,
  window_owner,
  dispatcher,
  minter,
  supervisor
};
inline constexpr std::array<std::string_view, 7> actor_kind_names{
    "front_end", "auth", "limiter", "window_owner", "dispatcher", "minter", "supervisor"};

class mailbox_lengths {
public:
  void change(actor_kind kind, std::int64_t by) noexcept {
    lengths_[static_cast<std::size_t>(kind)].fetch_add(by, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t of(actor_kind kind) const noexcept {
    return lengths_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }

private:
  std::array<std::atomic<std::int64_t>, actor_kind_names.size()> lengths_{};
};

}  // namespace filemint::actors
