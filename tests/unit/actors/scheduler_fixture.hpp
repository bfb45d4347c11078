// What the scheduler's tests have in common: real threads, and nothing timed: a test waits for what
// must happen, and fails when it has not happened after a time that no sound machine needs.
#pragma once

#include "actors/asio_scheduler.hpp"
#include "actors/homed.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

namespace filemint::actors::testing {

using namespace std::chrono_literals;

inline constexpr auto generous = 60s;

using go_atom = caf::atom_constant<caf::atom("go")>;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using late_atom = caf::atom_constant<caf::atom("late")>;

struct tally {
  std::atomic<int> handled{0};
  std::atomic<int> away{0};
  std::atomic<int> delayed{0};
  std::atomic<int> responses{0};
  std::atomic<int> alive{0};

  void count(const worker* home) {
    ++handled;
    if (worker::current() != home) ++away;
  }
};

template <class Over>
bool happens(Over over) {
  for (const auto end = mono_clock::now() + generous; !over();) {
    if (mono_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// Passes a ball on n times; at each it also sends itself a late message and asks its peer.
class player : public homed<caf::event_based_actor> {
public:
  player(caf::actor_config& cfg, worker* home, tally& counts)
      : homed(cfg), home_(home), counts_(counts) {
    ++counts_.alive;
  }
  ~player() override { --counts_.alive; }

protected:
  caf::behavior make_behavior() override {
    return {
        [this](go_atom, const caf::actor& peer, int n) {
          counts_.count(home_);
          if (n == 0) return;
          send(peer, go_atom::value, caf::actor_cast<caf::actor>(this), n - 1);
          delayed_send(this, 50us, late_atom::value);
          request(peer, caf::infinite, ask_atom::value).then([this](int) {
            counts_.count(home_);
            ++counts_.responses;
          });
        },
        [this](ask_atom) {
          counts_.count(home_);
          return 1;
        },
        [this](late_atom) {
          counts_.count(home_);
          ++counts_.delayed;
        },
    };
  }

private:
  worker* home_;
  tally& counts_;
};

// Always has something to do: it sends itself the next message with each.
class busy final : public homed<caf::event_based_actor> {
public:
  busy(caf::actor_config& cfg, std::atomic<int>& turns) : homed(cfg), turns_(turns) {}

protected:
  caf::behavior make_behavior() override {
    return {[this](go_atom) {
      ++turns_;
      send(this, go_atom::value);
    }};
  }

private:
  std::atomic<int>& turns_;
};

class Scheduler : public ::testing::Test {
protected:
  static constexpr std::size_t workers = 3;

  Scheduler() {
    pool.start();
    asio_scheduler::load_into(settings, pool);
    system.emplace(settings);
  }
  ~Scheduler() override {
    system.reset();
    pool.stop();
  }

  template <class A, class... Ts>
  caf::actor spawn_on(std::size_t i, Ts&&... xs) {
    return spawn_at<A>(*system, &pool[i], std::forward<Ts>(xs)...);
  }
  void end(const std::vector<caf::actor>& all) {
    for (const auto& each : all) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

  // Actors use them until the system is gone.
  tally counts;
  std::atomic<int> turns{0};
  worker_pool pool{workers};
  caf::actor_system_config settings;
  std::optional<caf::actor_system> system;
};

}  // namespace filemint::actors::testing
