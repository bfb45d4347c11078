// Whether a number of actors still take messages: each that does says so once. Who was not heard
// when the last message of the call is gone, is missing.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>

namespace filemint::actors {

// Thread safe.
class roll_call {
public:
  // `done` is called once: true when all were heard, on the last one's thread; false when the call
  // is over without that, on whichever thread it ends.
  roll_call(std::size_t expected, std::move_only_function<void(bool)> done)
      : missing_(expected), done_(std::move(done)) {}
  roll_call(const roll_call&) = delete;
  roll_call& operator=(const roll_call&) = delete;
  ~roll_call() {
    if (missing_.load(std::memory_order_acquire) != 0) done_(false);
  }

  void here() {
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) done_(true);
  }

private:
  std::atomic<std::size_t> missing_;
  std::move_only_function<void(bool)> done_;
};

}  // namespace filemint::actors
