#include "src/clock_watch.hpp"

namespace filemint {

std::optional<std::chrono::milliseconds> clock_comparison::step(
    std::chrono::system_clock::time_point wall, mono_time mono) noexcept {
  const std::chrono::nanoseconds offset = wall.time_since_epoch() - mono.time_since_epoch();
  const auto before = offset_.value_or(offset);
  offset_ = offset;
  const auto moved = std::chrono::duration_cast<std::chrono::milliseconds>(offset - before);
  if (std::chrono::abs(moved) <= tolerated) return std::nullopt;
  return moved;
}

void clock_watch::look_at(std::chrono::system_clock::time_point wall, mono_time mono) {
  const auto moved = comparison_.step(wall, mono);
  if (!moved) return;
  steps_.fetch_add(1, std::memory_order_relaxed);
  told_(*moved);
}

void clock_watch::look() {
  look_at(std::chrono::system_clock::now(), mono_clock::now());
  timer_.expires_after(std::chrono::seconds{1});
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) look();
  });
}

}  // namespace filemint
