// A small node under CAF's deterministic test coordinator: nothing runs but when a test says so, on
// the test's own thread, and time stands still between its steps.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"
#include "core/api_key.hpp"
#include "core/signing_key.hpp"
#include "tests/unit/actors/fakes.hpp"
#include "tests/unit/actors/recorders.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::actors::testing {

using namespace std::chrono_literals;

// Two sources, magikarp (the default) and betaimages; company co_xyz, granted uploads/co_xyz on
// magikarp, with one key. Change settings, and set backends, before the first core().
class actor_test : public ::testing::Test {
protected:
  static constexpr std::size_t cores = 2;

  actor_test();

  ~actor_test() override;

  // ---- what the node knows

  struct caller_terms {
    std::uint64_t window_limit = 0;
    bool suspended = false;
    std::uint64_t token_limit = 0;
    throttle_terms throttle = {};  // the key's
    std::string granted = "uploads/co_xyz";
  };
  void put_caller(const caller_terms& terms);
  void put_signing_key(std::string_view source, signing_key_ptr key);
  // Both sources get one.
  void put_signing_keys(token_algorithm algorithm = token_algorithm::hs256);
  [[nodiscard]] const snapshot& known() const noexcept { return known_; }
  [[nodiscard]] std::string_view key_id() const noexcept { return key_.id(); }
  [[nodiscard]] std::string authorization() const {
    return "Bearer " + std::string{key_.text().reveal()};
  }

  // ---- the node

  node_context& node();
  core_context& core(std::size_t i = 0);
  [[nodiscard]] std::size_t in_flight() { return node().load.total(load_kind::in_flight); }

  template <class A, class... Ts>
  auto spawn(Ts&&... xs) {
    node();
    auto handle = spawn_at<A>(*system_, nullptr, std::forward<Ts>(xs)...);
    spawned_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  // Before it takes up anything else.
  static void end(const caf::actor& victim);

  template <class Handle, class... Ts>
  void tell(const Handle& to, Ts&&... xs) {
    caf::anon_send(to, std::forward<Ts>(xs)...);
  }

  // ---- a core's stages, up to one that records: each test takes those that it needs

  void connect(auth_actor next);
  void connect(const limiter_actor& next);

  void connect(const dispatcher_actor& next);

  // ---- time and turns

  [[nodiscard]] caf::scheduler::test_coordinator& scheduler();
  // One actor, in turn. The coordinator alone would let one go on that always has more to do.
  bool run_one();
  // Until nobody has anything to do; delayed messages wait for advance().
  void run();
  // In steps of a window's tick.
  void advance(std::chrono::nanoseconds by);

  // ---- calls

  struct sent_call {
    exchange_ptr out;  // gone once the call has set out
    std::shared_ptr<kept_answer> answer = std::make_shared<kept_answer>();
    std::weak_ptr<exchange> under_way = {};

    kept_answer* operator->() const noexcept { return answer.get(); }
  };

  // A call of co_xyz's, before it sets out.
  sent_call make_call(std::string_view body = R"({"filePaths":["uploads/co_xyz/a"]})");
  void send_off(sent_call& made) { tell(front_end_, arrived{std::exchange(made.out, nullptr)}); }
  sent_call post(std::string_view body = R"({"filePaths":["uploads/co_xyz/a"]})");

  config settings;
  std::vector<const backends::backend*> backends;  // empty: a local one a source
  instant clock{wall_time{std::chrono::seconds{1'780'000'000}}, mono_time{1h}};
  fake_prober files;
  fake_pool pool;
  std::vector<std::string> reports;
  front_end_actor front_end_;

private:
  void publish();

  const instant began_ = clock;
  const api_key key_ = api_key::generate();
  snapshot known_;
  std::vector<std::unique_ptr<backends::backend>> own_backends_;
  std::optional<load_meter> load_;
  std::unique_ptr<node_context> node_;
  std::vector<std::unique_ptr<metrics::core_metrics>> counts_;
  std::vector<std::unique_ptr<core_context>> cores_;
  caf::actor_system_config actor_settings_;
  std::optional<caf::actor_system> system_;
  std::vector<caf::actor> spawned_;
};

// The JSON body of a call for these paths.
std::string body_of(const std::vector<std::string>& paths, std::string_view more = {});
std::vector<std::string> paths_numbered(std::size_t count);

}  // namespace filemint::actors::testing
