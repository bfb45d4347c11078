// How many messages wait for the actors of each kind on one core.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace filemint::actors {

enum class actor_kind : std::uint8_t {
  front_end,
  auth,
  limiter,
  window_owner,
  quota_relay,
  dispatcher,
  minter,
  supervisor,
  credential_keeper
};
inline constexpr std::array<std::string_view, 9> actor_kind_names{
    "front_end",  "auth",   "limiter",    "window_owner",     "quota_relay",
    "dispatcher", "minter", "supervisor", "credential_keeper"};

// One actor's part. What its own thread counts is written by that thread alone, so that a message
// within a core costs no locked instruction.
class mailbox_length {
public:
  explicit mailbox_length(actor_kind kind) noexcept : kind_(kind) {}

  void put_from_home() noexcept { add_one(put_from_home_); }
  void put_from_elsewhere() noexcept {
    put_from_elsewhere_.fetch_add(1, std::memory_order_relaxed);
  }
  void taken() noexcept { add_one(taken_); }  // at home

  // Any thread.
  [[nodiscard]] actor_kind kind() const noexcept { return kind_; }
  [[nodiscard]] std::int64_t length() const noexcept {
    const auto taken = taken_.load(std::memory_order_relaxed);
    const auto put = put_from_home_.load(std::memory_order_relaxed) +
                     put_from_elsewhere_.load(std::memory_order_relaxed);
    return std::max<std::int64_t>(0, put - taken);
  }

private:
  static void add_one(std::atomic<std::int64_t>& cell) noexcept {
    cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::atomic<std::int64_t> put_from_home_{0};
  std::atomic<std::int64_t> taken_{0};
  alignas(64) std::atomic<std::int64_t> put_from_elsewhere_{0};
  actor_kind kind_;
};

// Any thread.
class mailbox_lengths {
public:
  // Counted until it is let go: what an ended actor left in its mailbox waits no longer.
  [[nodiscard]] std::shared_ptr<mailbox_length> add(actor_kind kind) {
    auto one = std::make_shared<mailbox_length>(kind);
    const std::scoped_lock lock{mutex_};
    std::erase_if(each_, [](const auto& other) { return other.expired(); });
    each_.push_back(one);
    return one;
  }
  [[nodiscard]] std::int64_t of(actor_kind kind) const {
    const std::scoped_lock lock{mutex_};
    std::int64_t sum = 0;
    for (const auto& weak : each_) {
      if (const auto one = weak.lock(); one && one->kind() == kind) sum += one->length();
    }
    return sum;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<mailbox_length>> each_;
};

}  // namespace filemint::actors
