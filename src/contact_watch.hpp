// Tells once when this node is isolated, and once when it is not any more.
#pragma once

#include "core/clock.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <utility>

namespace filemint {

// Looks each quarter of a second, on that io_context's thread.
class contact_watch {
public:
  using question = std::function<bool(mono_time now)>;
  contact_watch(boost::asio::io_context& io, question is_isolated, std::function<void(bool)> told)
      : timer_(io.get_executor()), is_isolated_(std::move(is_isolated)), told_(std::move(told)) {}

  void start() { look(); }

private:
  void look();

  boost::asio::basic_waitable_timer<mono_clock, boost::asio::wait_traits<mono_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  const question is_isolated_;
  const std::function<void(bool)> told_;
  bool isolated_ = false;
};

}  // namespace filemint
