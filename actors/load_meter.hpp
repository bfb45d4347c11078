// How much a node has taken on: requests in flight, bytes of bodies, bytes of unsent answers. One
// cell a core, so that cores don't share a cache line; a limit is held against the sum of all
// cells. Any thread may call.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::actors {

enum class load_kind : std::uint8_t { in_flight, body_bytes, answer_bytes };
inline constexpr std::array<std::string_view, 3> load_kind_names{"requests", "body_bytes",
                                                                 "answer_bytes"};

// A part of the load, given back when it goes. Move-only; the meter must outlive it.
class load_share {
public:
  load_share() = default;
  load_share(std::atomic<std::size_t>& cell, std::size_t amount) noexcept
      : cell_(&cell), amount_(amount) {}
  load_share(load_share&& other) noexcept
      : cell_(std::exchange(other.cell_, nullptr)), amount_(other.amount_) {}
  load_share& operator=(load_share&& other) noexcept {
    std::swap(cell_, other.cell_);
    std::swap(amount_, other.amount_);
    return *this;
  }
  ~load_share() {
    if (cell_ != nullptr) cell_->fetch_sub(amount_, std::memory_order_relaxed);
  }

  explicit operator bool() const noexcept { return cell_ != nullptr; }
  [[nodiscard]] std::size_t amount() const noexcept { return amount_; }

private:
  std::atomic<std::size_t>* cell_ = nullptr;
  std::size_t amount_ = 0;
};

class load_meter {
public:
  struct limits {
    std::size_t in_flight;
    std::size_t body_bytes;
    std::size_t answer_bytes;
  };

  load_meter(std::size_t cores, const limits& l) : cores_(cores) { set_limits(l); }

  // Of what is asked for from now on; what is taken already stays.
  void set_limits(const limits& l) noexcept {
    const std::array all{l.in_flight, l.body_bytes, l.answer_bytes};
    for (std::size_t k = 0; k < all.size(); ++k) {
      limits_[k].store(all[k], std::memory_order_relaxed);
    }
  }

  // Nothing when it would go over the limit. Cores that ask at the same moment may go over it by
  // what they asked for.
  [[nodiscard]] std::optional<load_share> take(load_kind kind, std::size_t core,
                                               std::size_t amount) noexcept {
    if (total(kind) + amount > limit(kind)) return std::nullopt;
    auto& mine = cores_[core].loads[static_cast<std::size_t>(kind)];
    mine.fetch_add(amount, std::memory_order_relaxed);
    return load_share{mine, amount};
  }
  [[nodiscard]] bool is_full(load_kind kind) const noexcept { return total(kind) >= limit(kind); }
  // Little is left: no time to begin what will want some.
  [[nodiscard]] bool nearly_full(load_kind kind) const noexcept {
    return total(kind) > limit(kind) - limit(kind) / 8;
  }

  [[nodiscard]] std::size_t total(load_kind kind) const noexcept {
    std::size_t sum = 0;
    for (std::size_t core = 0; core < cores_.size(); ++core) sum += on_core(kind, core);
    return sum;
  }
  [[nodiscard]] std::size_t on_core(load_kind kind, std::size_t core) const noexcept {
    return cores_[core].loads[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t limit(load_kind kind) const noexcept {
    return limits_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t cores() const noexcept { return cores_.size(); }

private:
  struct alignas(64) core_loads {
    std::array<std::atomic<std::size_t>, 3> loads{};
  };
  std::array<std::atomic<std::size_t>, 3> limits_{};
  std::vector<core_loads> cores_;
};

}  // namespace filemint::actors
