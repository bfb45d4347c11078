#include "http/file_threads.hpp"

#include <algorithm>
#include <utility>

namespace filemint::http {

namespace {

// After so many short jobs a read that waits has its turn.
constexpr std::size_t max_quick_in_a_row = 16;

}  // namespace

file_threads::file_threads(std::size_t threads, std::size_t max_waiting)
    : max_waiting_(max_waiting), max_bulk_(std::max<std::size_t>(threads, 2) - 1) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
    threads_.emplace_back([this] { run(); });
}

void file_threads::post(lane where, job work) {
  {
    const std::lock_guard lock(mutex_);
    auto& waiting = where == lane::quick ? quick_ : bulk_;
    if (!stopped_ && waiting.size() < max_waiting_) {
      waiting.push_back(std::move(work));
      wake_.notify_one();
      return;
    }
  }
  work(false);
}

void file_threads::stop() {
  std::deque<job> left;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    left = std::exchange(quick_, {});
    std::ranges::move(std::exchange(bulk_, {}), std::back_inserter(left));
    wake_.notify_all();
  }
  threads_.clear();
  for (auto& work : left) work(false);
}

bool file_threads::next(job& work, lane& from) {
  const bool bulk_may_run = !bulk_.empty() && bulk_running_ < max_bulk_;
  if (!quick_.empty() && !(bulk_may_run && quick_in_a_row_ >= max_quick_in_a_row)) {
    from = lane::quick;
    quick_in_a_row_ = bulk_may_run ? quick_in_a_row_ + 1 : 0;
  } else if (bulk_may_run) {
    from = lane::bulk;
    quick_in_a_row_ = 0;
    ++bulk_running_;
  } else {
    return false;
  }
  auto& waiting = from == lane::quick ? quick_ : bulk_;
  work = std::move(waiting.front());
  waiting.pop_front();
  return true;
}

void file_threads::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    job work;
    lane from{};
    wake_.wait(lock, [&] { return stopped_ || next(work, from); });
    if (!work) return;
    lock.unlock();
    work(true);
    work = nullptr;  // what it holds goes before the lock comes
    lock.lock();
    if (from == lane::bulk) {
      --bulk_running_;
      wake_.notify_one();  // a read may have waited for this one alone
    }
  }
}

}  // namespace filemint::http
