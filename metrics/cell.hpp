// A number that one thread writes and any thread may read at any time: no lock, no
// read-modify-write, a plain add.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace filemint::metrics {

// Thread safety: add() on one thread at a time, always the same; read() on any. Wraps at 2^64.
class cell {
public:
  void add(std::uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t read() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> value_{0};
};

// What two threads write lies on different lines of the cache.
inline constexpr std::size_t cache_line = 64;

// As many cells as it is made for, on lines of their own. Thread safety: each cell's.
class cell_array {
public:
  explicit cell_array(std::size_t size) : lines_((size + per_line - 1) / per_line) {}

  [[nodiscard]] cell& operator[](std::size_t i) noexcept {
    return lines_[i / per_line].cells[i % per_line];
  }
  [[nodiscard]] const cell& operator[](std::size_t i) const noexcept {
    return lines_[i / per_line].cells[i % per_line];
  }

private:
  static constexpr std::size_t per_line = cache_line / sizeof(cell);
  struct alignas(cache_line) line {
    std::array<cell, per_line> cells;
  };
  std::vector<line> lines_;
};

}  // namespace filemint::metrics
