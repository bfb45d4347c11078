#include "actors/asio_scheduler.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/logger.hpp>

#include <cstddef>
#include <latch>

namespace filemint::actors {

void asio_scheduler::load_into(caf::actor_system_config& settings, worker_pool& pool) {
  settings.module_factories.push_back(
      [&pool](caf::actor_system& system) -> caf::actor_system::module* {
        return new asio_scheduler(system, pool);
      });
}

void asio_scheduler::enqueue(caf::resumable* job) {
  auto* here = worker::current();
  if (here == nullptr || here != &pool_[here->index()])
    here = &pool_[next_worker_++ % pool_.size()];
  here->exec_later(job);
}

void asio_scheduler::start() {
  num_workers_ = pool_.size();
  for (std::size_t i = 0; i < pool_.size(); ++i) pool_[i].open(system());
  timer_ = std::thread{[this] {
    system().thread_started();
    clock_.run_dispatch_loop();
    system().thread_terminates();
  }};
  abstract_coordinator::start();
}

void asio_scheduler::stop() {
  stop_actors();
  for (std::size_t i = 0; i < pool_.size(); ++i) pool_[i].close();
  park_workers();
  clock_.cancel_dispatch_loop();
  timer_.join();
  release_leftovers();
  for (std::size_t i = 0; i < pool_.size(); ++i) pool_[i].detach();
}

void asio_scheduler::park_workers() {
  std::latch parked{static_cast<std::ptrdiff_t>(pool_.size())};
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    boost::asio::post(pool_[i].io(), [&parked] {
      // Spawning left a reference to the system's logger on this thread: ~actor_system would await
      // it.
      caf::logger::set_current_actor_system(nullptr);
      parked.count_down();
    });
  }
  parked.wait();
}

void asio_scheduler::release_leftovers() {
  for (bool more = true; more;) {  // an actor's end may wake others
    more = false;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      for (auto* job : pool_[i].take_leftovers()) {
        more = true;
        cleanup_and_release(job);
      }
    }
  }
}

}  // namespace filemint::actors
