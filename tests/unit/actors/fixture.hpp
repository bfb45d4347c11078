// A small node under CAF's deterministic test coordinator: nothing runs but when a test says so, on
// the test's own thread, and time stands still between its steps.
#pragma once

#include "actors/auth.hpp"
#include "actors/core_context.hpp"
#include "actors/dispatcher.hpp"
#include "actors/front_end.hpp"
#include "actors/limiter.hpp"
#include "actors/minter.hpp"
#include "actors/window_owner.hpp"
#include "backends/local.hpp"
#include "core/api_key.hpp"
#include "core/directory_builder.hpp"
#include "core/signing_key.hpp"
#include "tests/unit/actors/fakes.hpp"
#include "tests/unit/actors/recorders.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
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

  actor_test() {
    settings.sources = {source_config{.name = "magikarp", .public_url = "http://files/magikarp/"},
                        source_config{.name = "betaimages", .public_url = "http://files/beta/"}};
    settings.default_source = "magikarp";
    put_caller({});
  }

  ~actor_test() override {
    if (!system_) return;
    for (const auto& each : std::exchange(spawned_, {})) end(each);
    files.questions.clear();
    pool.waiting.clear();
    run();
    system_.reset();
  }

  // ---- what the node knows

  struct caller_terms {
    std::uint64_t window_limit = 0;
    bool suspended = false;
  };
  void put_caller(const caller_terms& terms) {
    std::map<std::string, prefix_set, std::less<>> granted;
    granted.emplace("magikarp", prefix_set({"uploads/co_xyz"}));
    directory_builder people{known_.people};
    api_key_record record{};
    key_.id().copy(record.id, sizeof record.id);
    record.company = people.put_company({.id = "co_xyz",
                                         .suspended = terms.suspended,
                                         .window_limit = terms.window_limit,
                                         .granted = grants{std::move(granted)}});
    record.secret_hash = key_.secret_hash();
    record.scope = scope_file_access | scope_access_tokens;
    people.put_key(record);
    known_.people = people.build();
    publish();
  }
  void put_signing_key(std::string_view source, signing_key_ptr key) {
    known_.signing[std::string{source}] = key_ring({{std::move(key), key_state::active, {}}});
    publish();
  }
  // Both sources get one.
  void put_signing_keys(token_algorithm algorithm = token_algorithm::hs256) {
    for (const auto& source : settings.sources) {
      put_signing_key(source.name,
                      *signing_key::generate(algorithm, source.name, source.name + "-1"));
    }
  }
  [[nodiscard]] const snapshot& known() const noexcept { return known_; }
  [[nodiscard]] std::string authorization() const {
    return "Bearer " + std::string{key_.text().reveal()};
  }

  // ---- the node

  node_context& node() {
    if (!node_) {
      if (backends.empty()) {
        for (const auto& source : settings.sources) {
          own_backends_.push_back(
              std::make_unique<backends::local>(source.name, settings.mint.issuer));
          backends.push_back(own_backends_.back().get());
        }
      }
      load_.emplace(cores,
                    load_meter::limits{settings.http.max_in_flight, settings.http.body_budget_bytes,
                                       settings.http.answer_budget_bytes});
      node_.reset(new node_context{
          .settings = settings,
          .backends = backends,
          .load = *load_,
          .files = files,
          .blocking = pool,
          .report = [this](std::string_view what) { reports.emplace_back(what); },
          .now = [this] { return clock; },
      });
      actor_settings_.set("scheduler.policy", caf::atom("testing"));
      system_.emplace(actor_settings_);
      for (std::size_t i = 0; i < cores; ++i) {
        counts_.push_back(std::make_unique<metrics::core_metrics>(
            metrics::dimensions{{"file_access"}, {"OK"}, {"magikarp", "betaimages"}}));
        cores_.push_back(
            std::make_unique<core_context>(core_context{*node_, *counts_.back(), i, nullptr, {}}));
      }
      publish();
    }
    return *node_;
  }
  core_context& core(std::size_t i = 0) {
    node();
    return *cores_[i];
  }
  [[nodiscard]] std::size_t in_flight() { return node().load.total(load_kind::in_flight); }

  template <class A, class... Ts>
  auto spawn(Ts&&... xs) {
    node();
    auto handle = spawn_at<A>(*system_, nullptr, std::forward<Ts>(xs)...);
    spawned_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  // Before it takes up anything else.
  static void end(const caf::actor& victim) {
    caf::anon_send<caf::message_priority::high>(
        victim, caf::exit_msg{victim.address(), caf::exit_reason::kill});
  }

  template <class Handle, class... Ts>
  void tell(const Handle& to, Ts&&... xs) {
    caf::anon_send(to, std::forward<Ts>(xs)...);
  }

  // ---- a core's stages, up to one that records: each test takes those that it needs

  void connect(auth_actor next) {
    front_end_ = spawn<front_end>(core());
    tell(front_end_, std::move(next));
    run();
  }
  void connect(const limiter_actor& next) {
    const auto second = spawn<auth>(core());
    tell(second, next);
    connect(second);
  }

  void connect(const dispatcher_actor& next) {
    const auto owner = spawn<window_owner>(core());
    const auto third = spawn<limiter>(core());
    tell(third, next);
    tell(third, std::size_t{0}, owner);
    tell(owner, std::size_t{0}, limiter_peer{third});
    connect(third);
  }

  // ---- time and turns

  [[nodiscard]] caf::scheduler::test_coordinator& scheduler() {
    node();
    return static_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  }
  // One actor, in turn. The coordinator alone would let one go on that always has more to do.
  bool run_one() {
    auto& jobs = scheduler().jobs;
    auto* const job = jobs.empty() ? nullptr : jobs.front();
    if (!scheduler().try_run_once()) return false;
    if (!jobs.empty() && jobs.front() == job)
      std::rotate(jobs.begin(), jobs.begin() + 1, jobs.end());
    return true;
  }
  // Until nobody has anything to do; delayed messages wait for advance().
  void run() {
    while (run_one()) {
    }
  }
  // In steps of a window's tick.
  void advance(std::chrono::nanoseconds by) {
    for (auto left = by; left > 0ns;) {
      const auto step = std::min<std::chrono::nanoseconds>(left, 10ms);
      left -= step;
      clock.mono += step;
      clock.wall = began_.wall + std::chrono::floor<std::chrono::seconds>(clock.mono - began_.mono);
      scheduler().advance_time(step);
      run();
    }
  }

  // ---- calls

  struct sent_call {
    exchange_ptr out;  // gone once the call has set out
    std::shared_ptr<kept_answer> answer = std::make_shared<kept_answer>();
    std::weak_ptr<exchange> under_way = {};

    kept_answer* operator->() const noexcept { return answer.get(); }
  };

  // A call of co_xyz's, before it sets out.
  sent_call make_call(std::string_view body = R"({"filePaths":["uploads/co_xyz/a"]})") {
    sent_call made;
    made.out = std::make_shared<exchange>(made.answer, take_workspace());
    made.out->start_clock(clock.mono);
    made.out->head.authorization = authorization();
    made.out->head.content_type = "application/json";
    made.out->work->body.append(body);
    made.under_way = made.out;
    return made;
  }
  void send_off(sent_call& made) { tell(front_end_, arrived{std::exchange(made.out, nullptr)}); }
  sent_call post(std::string_view body = R"({"filePaths":["uploads/co_xyz/a"]})") {
    auto made = make_call(body);
    send_off(made);
    run();
    return made;
  }

  config settings;
  std::vector<const backends::backend*> backends;  // empty: a local one a source
  instant clock{wall_time{std::chrono::seconds{1'780'000'000}}, mono_time{1h}};
  fake_prober files;
  fake_pool pool;
  std::vector<std::string> reports;
  front_end_actor front_end_;

private:
  void publish() {
    for (auto& each : cores_) each->known = std::make_shared<const snapshot>(known_);
  }

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
inline std::string body_of(const std::vector<std::string>& paths, std::string_view more = {}) {
  std::string text = R"({"filePaths":[)";
  for (const auto& path : paths) text += (text.back() == '[' ? "\"" : ",\"") + path + '"';
  return text + ']' + std::string{more} + '}';
}
inline std::vector<std::string> paths_numbered(std::size_t count) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i)
    paths.push_back("uploads/co_xyz/" + std::to_string(i) + ".pdf");
  return paths;
}

}  // namespace filemint::actors::testing
