// Threads for what may block: opening, probing and reading files. Two lanes, so that short jobs are
// never stuck behind a slow disk's reads: of N threads at most N - 1 read at a time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace filemint::http {

enum class lane : std::uint8_t { quick, bulk };

// Thread safe.
class file_threads {
public:
  // Called once: with true on one of the threads; with false, at once on the poster's thread, when
  // max_waiting jobs of that lane wait already or the threads are stopped, and on the stopper's
  // thread when it was still waiting then.
  using job = std::move_only_function<void(bool run)>;

  explicit file_threads(std::size_t threads, std::size_t max_waiting = 65'536);
  ~file_threads() { stop(); }
  file_threads(const file_threads&) = delete;
  file_threads& operator=(const file_threads&) = delete;

  void post(lane where, job work);
  // Awaits the jobs that run. Not from one of the threads.
  void stop();

private:
  void run();
  bool next(job& work, lane& from);  // with mutex_ held

  const std::size_t max_waiting_;
  const std::size_t max_bulk_;  // running at a time
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> quick_, bulk_;
  std::size_t bulk_running_ = 0;
  std::size_t quick_in_a_row_ = 0;  // while bulk jobs wait
  bool stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace filemint::http
