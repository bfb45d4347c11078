// Writes the keys' counts of the day into the store, twice a second, on a thread of its own: so
// what is counted is in the store within a second, and neither the io threads nor the follower wait
// for it.
#pragma once

#include "core/day_book.hpp"
#include "store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace filemint::store {

// While the store can't be written the counts go on in the book, and are written when it can be
// again. Thread safety: made, started and stopped by one thread.
class day_writer {
public:
  static constexpr std::chrono::milliseconds interval{500};

  // `report`: told once when something begins to fail, on the writer's thread.
  day_writer(std::unique_ptr<store> target, day_book& counts,
             std::function<void(const error&)> report);
  day_writer(const day_writer&) = delete;
  day_writer& operator=(const day_writer&) = delete;
  ~day_writer();

  // Fills the book with what the store has kept of yesterday and later, then writes.
  [[nodiscard]] result<void> start(wall_time now);
  // After a last writing. Nobody counts any more.
  void stop();

private:
  void run();
  void write();

  const std::unique_ptr<store> target_;
  day_book& counts_;
  const std::function<void(const error&)> report_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool running_ = false;
  std::thread thread_;
};

}  // namespace filemint::store
