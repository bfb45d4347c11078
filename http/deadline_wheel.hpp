// All deadlines of one core on one timer: setting one is a few nanoseconds and no system call.
// Deadlines fire up to one tick late. Not thread safe: the core's own thread alone.
#pragma once

#include "core/clock.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace filemint::http {

class deadline_wheel;

// Something with one deadline. Leaves the wheel as it is destroyed.
class timed : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  [[nodiscard]] mono_time deadline() const noexcept { return deadline_; }

protected:
  ~timed() = default;

private:
  friend class deadline_wheel;
  virtual void on_deadline() = 0;  // the deadline is no longer set; another may be
  mono_time deadline_{};
};

class deadline_wheel {
public:
  static constexpr std::chrono::milliseconds tick{20};

  explicit deadline_wheel(boost::asio::io_context& io) : timer_(std::in_place, io.get_executor()) {}

  // Replaces the deadline that it had.
  void set(timed& who, mono_time at);
  // The same, that long from now or up to 10 ms more.
  void set_in(timed& who, std::chrono::milliseconds in);
  static void clear(timed& who) noexcept { who.unlink(); }
  // For good: no deadline passes any more, and the io_context may end before the wheel.
  void stop() noexcept;

private:
  static constexpr std::size_t slots =
      4096;  // about 82 s a turn; what is further off stays for another turn
  using slot = boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>>;
  using steady_timer =
      boost::asio::basic_waitable_timer<mono_clock, boost::asio::wait_traits<mono_clock>,
                                        boost::asio::io_context::executor_type>;

  [[nodiscard]] static std::int64_t tick_at(mono_time at) noexcept;
  void wake_at(std::int64_t tick_number);
  void fire();

  std::array<slot, slots> slots_;
  std::int64_t wake_ = 0;              // when the timer fires; 0: it is not set
  std::optional<steady_timer> timer_;  // until stop()
};

}  // namespace filemint::http
