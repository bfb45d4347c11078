// Notices when the wall clock steps: windows don't mind (they run on the monotonic clock), tokens'
// times do.
#pragma once

#include "core/clock.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace filemint {

// The rule: how far the wall clock has moved against the monotonic one since it was last asked. Not
// thread safe.
class clock_comparison {
public:
  static constexpr std::chrono::seconds tolerated{2};

  // Nothing: within what is tolerated.
  [[nodiscard]] std::optional<std::chrono::milliseconds> step(
      std::chrono::system_clock::time_point wall, mono_time mono) noexcept;

private:
  std::optional<std::chrono::nanoseconds> offset_;
};

// Compares the two once a second, on that io_context's thread. steps: any thread.
class clock_watch {
public:
  using stepped = std::function<void(std::chrono::milliseconds)>;
  clock_watch(boost::asio::io_context& io, stepped told)
      : timer_(io.get_executor()), told_(std::move(told)) {}

  void start() { look(); }
  // Takes it that the clocks show these now.
  void look_at(std::chrono::system_clock::time_point wall, mono_time mono);
  [[nodiscard]] std::uint64_t steps() const noexcept {
    return steps_.load(std::memory_order_relaxed);
  }

private:
  void look();

  boost::asio::basic_waitable_timer<mono_clock, boost::asio::wait_traits<mono_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  stepped told_;
  clock_comparison comparison_;
  std::atomic<std::uint64_t> steps_{0};
};

}  // namespace filemint
