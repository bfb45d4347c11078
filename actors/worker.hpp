// The io threads, and CAF's execution units on them: one worker is one thread, one io_context and
// one queue of actors. Sockets and actors of a worker take turns on its thread.
#pragma once

#include "actors/inbox.hpp"
#include "core/clock.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace filemint::actors {

class asio_scheduler;

class worker final : public caf::execution_unit {
public:
  // How long actors may run before sockets get their turn; how many messages one actor may take at
  // once; and how many are taken before the clock is read: reading it costs as much as a short
  // handler. So a turn is over its budget by at most messages_a_resume + messages_a_look handlers.
  static constexpr std::chrono::microseconds turn_budget{200};
  static constexpr std::size_t messages_a_resume = 8;
  static constexpr std::size_t messages_a_look = 4;

  explicit worker(std::size_t index) : index_(index) {}

  // The worker whose thread this is; null elsewhere.
  [[nodiscard]] static worker* current() noexcept { return current_; }

  [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  // Actors that wait for this worker, as its own thread last said. Any thread.
  [[nodiscard]] std::size_t queued() const noexcept {
    return queued_.load(std::memory_order_relaxed);
  }

  // Any thread: on this worker's own the actor joins the queue, from elsewhere it goes through the
  // inbox.
  void exec_later(caf::resumable* job) override;

  // This worker's thread: an actor takes a message up.
  void count_message() noexcept { ++taken_; }

private:
  friend class asio_scheduler;
  friend class worker_pool;

  void run();
  void open(caf::actor_system& system);
  void close() noexcept { open_ = false; }
  void detach() noexcept { system_ = nullptr; }
  void take_inbox();
  void schedule_turn();
  void take_turn();
  void resume(caf::resumable* job);
  std::vector<caf::resumable*> take_leftovers();

  static thread_local worker* current_;

  boost::asio::io_context io_{1};
  std::size_t index_;
  std::deque<caf::resumable*> queue_;
  std::vector<caf::resumable*> arrivals_;
  bool turn_scheduled_ = false;
  bool in_turn_ = false;
  std::size_t taken_ = 0;          // by the actor that runs
  std::atomic<bool> open_{false};  // between the scheduler's start and its stop
  std::atomic<std::size_t> queued_{0};
  inbox<caf::resumable*> inbox_;
};

// Owns the threads. It outlives the actor system; start and stop belong to the thread that made it.
class worker_pool {
public:
  explicit worker_pool(std::size_t threads);
  ~worker_pool() { stop(); }
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  void start();
  void stop();

  [[nodiscard]] std::size_t size() const noexcept { return workers_.size(); }
  [[nodiscard]] worker& operator[](std::size_t i) noexcept { return *workers_[i]; }

private:
  using guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<guard> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace filemint::actors
