// Threads for what may block or takes long: opening, probing and reading files. Two lanes, so that
// short jobs are never stuck behind a slow disk's reads: of N threads at most N - 1 read at a time.
#pragma once

#include "actors/inbox.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace filemint::http {

enum class lane : std::uint8_t { quick, bulk };

// Thread safe. Posting takes no lock: the mutex is among the threads themselves.
class file_threads {
public:
  // Called once: with true on one of the threads; with false, at once on the poster's thread, when
  // max_waiting jobs of that lane wait already or the threads are stopped, and on the stopper's
  // thread, or that of who posts meanwhile, when it was still waiting then.
  using job = std::move_only_function<void(bool run)>;

  explicit file_threads(std::size_t threads, std::size_t max_waiting = 65'536);
  ~file_threads() { stop(); }
  file_threads(const file_threads&) = delete;
  file_threads& operator=(const file_threads&) = delete;

  void post(lane where, job work);
  // Awaits the jobs that run. Not from one of the threads.
  void stop();

private:
  struct posting {
    lane where;
    job work;
  };

  void run();
  std::optional<posting> take();
  void wake();
  void refuse_all();
  [[nodiscard]] std::deque<job>& queue_of(lane where) noexcept {
    return queues_[static_cast<std::size_t>(where)];
  }
  [[nodiscard]] std::atomic<std::size_t>& waiting_in(lane where) noexcept {
    return waiting_[static_cast<std::size_t>(where)];
  }
  void sort_posted();          // with mutex_ held
  std::optional<lane> next();  // with mutex_ held

  const std::size_t max_waiting_;
  const std::size_t max_bulk_;  // running at a time
  actors::inbox<posting> posted_;
  std::array<std::atomic<std::size_t>, 2> waiting_{};  // by lane
  std::atomic<std::uint32_t> news_{0};                 // the threads wait for it to change
  std::atomic<bool> stopped_{false};

  std::mutex mutex_;
  std::vector<posting> taken_;
  std::array<std::deque<job>, 2> queues_;  // by lane
  std::size_t bulk_running_ = 0;
  std::size_t quick_in_a_row_ = 0;  // while bulk jobs wait
  std::vector<std::jthread> threads_;
};

}  // namespace filemint::http
