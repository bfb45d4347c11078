// An actor that always runs on the worker that it was spawned on, whoever wakes it. CAF resumes an
// actor on the unit of whoever sends to it; without this an answer from another core would move it
// there.
#pragma once

#include "actors/mailbox_lengths.hpp"
#include "actors/worker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/infer_handle.hpp>
#include <caf/invoke_message_result.hpp>
#include <caf/mailbox_element.hpp>

#include <memory>
#include <utility>

namespace filemint::actors {

template <class Base>
class homed : public Base {
public:
  // `lengths`: where the messages that wait for it are counted, if anywhere.
  explicit homed(caf::actor_config& cfg, const std::shared_ptr<mailbox_lengths>& lengths = nullptr,
                 actor_kind kind = {})
      : Base(cfg), home_(cfg.host), length_(lengths ? lengths->add(kind) : nullptr) {}

  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) override {
    if (length_) count_put();
    Base::enqueue(std::move(message), home_);
  }

  caf::invoke_message_result consume(caf::mailbox_element& message) override {
    if (length_) length_->taken();
    if (auto* const here = worker::current()) here->count_message();
    return Base::consume(message);
  }

private:
  void count_put() noexcept {
    if (home_ != nullptr && worker::current() == home_) {
      length_->put_from_home();
    } else {
      length_->put_from_elsewhere();
    }
  }

  caf::execution_unit* home_;
  std::shared_ptr<mailbox_length> length_;
};

// Spawns A at home on that worker; without one (tests with CAF's test coordinator), wherever the
// system puts it.
template <class A, class... Ts>
caf::infer_handle_from_class_t<A> spawn_at(caf::actor_system& system, worker* home, Ts&&... xs) {
  caf::actor_config cfg{home};
  return system.spawn_impl<A, caf::no_spawn_options>(cfg, std::forward<Ts>(xs)...);
}

}  // namespace filemint::actors
