#include "http/deadline_wheel.hpp"

#include <algorithm>
#include <ctime>

namespace filemint::http {

std::int64_t deadline_wheel::tick_at(mono_time at) noexcept {
  return std::chrono::ceil<std::chrono::milliseconds>(at.time_since_epoch()) / tick + 1;
}

void deadline_wheel::set(timed& who, mono_time at) {
  who.unlink();
  who.deadline_ = at;
  const auto number = tick_at(at);
  slots_[static_cast<std::size_t>(number) % slots].push_back(who);
  if (wake_ == 0 || number < wake_) wake_at(number);
}

// By the kernel's tick, at a quarter of the cost: a request sets three deadlines.
void deadline_wheel::set_in(timed& who, std::chrono::milliseconds in) {
  constexpr std::chrono::milliseconds longest_kernel_tick{10};
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  const mono_time at_least{std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec}};
  set(who, at_least + longest_kernel_tick + in);
}

void deadline_wheel::stop() noexcept {
  wake_ = 0;
  timer_.reset();
}

void deadline_wheel::wake_at(std::int64_t tick_number) {
  if (!timer_) return;
  wake_ = tick_number;
  timer_->expires_at(mono_time{tick_number * tick});
  timer_->async_wait([this](boost::system::error_code error) {
    if (!error && wake_ != 0) fire();
  });
}

void deadline_wheel::fire() {
  const auto now = mono_clock::now();
  const auto current = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()) / tick;
  const auto first = std::max(wake_, current - static_cast<std::int64_t>(slots) + 1);
  wake_ = 0;
  for (auto number = first; number <= current; ++number) {
    slot due;
    due.swap(slots_[static_cast<std::size_t>(number) % slots]);
    while (!due.empty()) {
      auto& who = due.front();
      if (who.deadline_ <= now) {
        due.pop_front();
        who.on_deadline();
      } else {  // a later turn's
        set(who, who.deadline_);
      }
    }
  }
  for (std::int64_t ahead = 1; ahead <= static_cast<std::int64_t>(slots); ++ahead) {
    if (slots_[static_cast<std::size_t>(current + ahead) % slots].empty()) continue;
    if (wake_ == 0 || current + ahead < wake_) wake_at(current + ahead);
    return;
  }
}

}  // namespace filemint::http
