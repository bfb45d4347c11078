// An actor that always runs on the worker that it was spawned on, whoever wakes it. CAF resumes an
// actor on the unit of whoever sends to it; without this an answer from another core would move it
// there.
#pragma once

#include "actors/worker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/infer_handle.hpp>
#include <caf/mailbox_element.hpp>

#include <utility>

namespace filemint::actors {

template <class Base>
class homed : public Base {
public:
  template <class... Ts>
  explicit homed(caf::actor_config& cfg, Ts&&... xs)
      : Base(cfg, std::forward<Ts>(xs)...), home_(cfg.host) {}

  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) override {
    Base::enqueue(std::move(message), home_);
  }

private:
  caf::execution_unit* home_;
};

// Spawns A at home on that worker; without one (tests with CAF's test coordinator), wherever the
// system puts it.
template <class A, class... Ts>
caf::infer_handle_from_class_t<A> spawn_at(caf::actor_system& system, worker* home, Ts&&... xs) {
  caf::actor_config cfg{home};
  return system.spawn_impl<A, caf::no_spawn_options>(cfg, std::forward<Ts>(xs)...);
}

}  // namespace filemint::actors
