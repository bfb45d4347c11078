// CAF's scheduler on the io threads (CAF 0.17.6): an actor system that loads it runs its actors on
// a worker_pool.
#pragma once

#include "actors/worker.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <thread>

namespace filemint::actors {

class asio_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  // The pool must run before the actor system is made, and until it is gone.
  static void load_into(caf::actor_system_config& settings, worker_pool& pool);

  asio_scheduler(caf::actor_system& system, worker_pool& pool)
      : abstract_coordinator(system), pool_(pool) {}

  // Sends from threads that are no workers go to the workers in turn.
  void enqueue(caf::resumable* job) override;
  caf::detail::thread_safe_actor_clock& clock() noexcept override { return clock_; }

protected:
  void start() override;
  // In ~actor_system, never on a worker's thread: after it no worker is inside an actor.
  void stop() override;

private:
  void park_workers();
  void release_leftovers();

  worker_pool& pool_;
  caf::detail::thread_safe_actor_clock clock_;
  std::thread timer_;
};

}  // namespace filemint::actors
