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
  if (waiting_in(where).fetch_add(1) >= max_waiting_) {
    waiting_in(where).fetch_sub(1);
    return work(false);
  }
  posted_.push({where, std::move(work)});
  // Either the stopper sees this job, or we see that it stops: both orders are the sequential one.
  if (stopped_.load()) return refuse_all();
  wake();
}

void file_threads::wake() {
  news_.fetch_add(1);
  news_.notify_one();
}

void file_threads::stop() {
  stopped_.store(true);
  news_.fetch_add(1);
  news_.notify_all();
  threads_.clear();
  refuse_all();
}

void file_threads::refuse_all() {
  std::array<std::deque<job>, 2> left;
  {
    const std::lock_guard lock(mutex_);
    sort_posted();
    left = std::exchange(queues_, {});
  }
  for (auto& queue : left) {
    for (auto& work : queue) work(false);
  }
}

void file_threads::sort_posted() {
  taken_.clear();
  posted_.take_all(taken_);
  for (auto& [where, work] : taken_) queue_of(where).push_back(std::move(work));
}

std::optional<lane> file_threads::next() {
  const bool bulk_may_run = !queue_of(lane::bulk).empty() && bulk_running_ < max_bulk_;
  if (!queue_of(lane::quick).empty() && !(bulk_may_run && quick_in_a_row_ >= max_quick_in_a_row)) {
    quick_in_a_row_ = bulk_may_run ? quick_in_a_row_ + 1 : 0;
    return lane::quick;
  }
  if (!bulk_may_run) return std::nullopt;
  quick_in_a_row_ = 0;
  ++bulk_running_;
  return lane::bulk;
}

std::optional<file_threads::posting> file_threads::take() {
  const std::lock_guard lock(mutex_);
  sort_posted();
  const auto where = next();
  if (!where) return std::nullopt;
  auto& queue = queue_of(*where);
  posting chosen{*where, std::move(queue.front())};
  queue.pop_front();
  waiting_in(*where).fetch_sub(1);
  return chosen;
}

void file_threads::run() {
  while (true) {
    const auto seen = news_.load();
    if (stopped_.load()) return;
    auto chosen = take();
    if (!chosen) {
      news_.wait(seen);
      continue;
    }
    chosen->work(true);
    chosen->work = nullptr;
    if (chosen->where == lane::bulk) {
      {
        const std::lock_guard lock(mutex_);
        --bulk_running_;
      }
      wake();  // a read may have waited for this one alone
    }
  }
}

}  // namespace filemint::http
