#include "actors/worker.hpp"

#include <boost/asio/post.hpp>
#include <caf/ref_counted.hpp>

#include <algorithm>
#include <utility>

namespace filemint::actors {

namespace asio = boost::asio;

thread_local worker* worker::current_ = nullptr;

void worker::exec_later(caf::resumable* job) {
  if (current_ == this && open_.load(std::memory_order_relaxed)) {
    queue_.push_back(job);
    schedule_turn();
    return;
  }
  // open() looks into the inbox after it has set open_: one of the two always sees the other.
  if (inbox_.push(job) && open_) asio::post(io_, [this] { take_inbox(); });
}

void worker::open(caf::actor_system& system) {
  system_ = &system;
  open_ = true;
  asio::post(io_, [this] { take_inbox(); });
}

void worker::take_inbox() {
  if (!open_) return;  // the scheduler's stop() takes what is there
  inbox_.take_all(arrivals_);
  queue_.insert(queue_.end(), arrivals_.begin(), arrivals_.end());
  arrivals_.clear();
  if (!in_turn_ && !turn_scheduled_) take_turn();
}

void worker::schedule_turn() {
  if (turn_scheduled_ || in_turn_) return;
  turn_scheduled_ = true;
  asio::post(io_, [this] { take_turn(); });
}

void worker::take_turn() {
  turn_scheduled_ = false;
  if (!open_) return;
  in_turn_ = true;
  const auto end = mono_clock::now() + turn_budget;
  for (std::size_t since_look = 0; !queue_.empty();) {
    auto* job = queue_.front();
    queue_.pop_front();
    queued_.store(queue_.size(), std::memory_order_relaxed);
    taken_ = 0;
    resume(job);
    since_look += std::max<std::size_t>(taken_, 1);
    if (since_look < messages_a_look) continue;
    if (mono_clock::now() >= end) break;
    since_look = 0;
  }
  queued_.store(queue_.size(), std::memory_order_relaxed);
  in_turn_ = false;
  if (!queue_.empty()) schedule_turn();
}

void worker::resume(caf::resumable* job) {
  switch (job->resume(this, messages_a_resume)) {
    case caf::resumable::resume_later:
      queue_.push_back(job);
      break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      caf::intrusive_ptr_release(job);
      break;
    case caf::resumable::shutdown_execution_unit:
      break;
  }
}

std::vector<caf::resumable*> worker::take_leftovers() {
  std::vector<caf::resumable*> left{queue_.begin(), queue_.end()};
  queue_.clear();
  inbox_.take_all(left);
  return left;
}

void worker::run() {
  current_ = this;
  io_.run();
  current_ = nullptr;
}

worker_pool::worker_pool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<worker>(i));
    guards_.push_back(asio::make_work_guard(workers_.back()->io()));
  }
}

void worker_pool::start() {
  for (auto& w : workers_) threads_.emplace_back([&w = *w] { w.run(); });
}

void worker_pool::stop() {
  guards_.clear();
  for (auto& w : workers_) w->io().stop();
  for (auto& t : threads_) t.join();
  threads_.clear();
}

}  // namespace filemint::actors
