// What stands around the actors in their tests: a session that keeps what it is told, files that
// exist when a test says so, a pool without threads.
#pragma once

#include "actors/blocking_pool.hpp"
#include "actors/exchange.hpp"
#include "actors/prober.hpp"
#include "actors/stages.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::actors::testing {

class kept_answer final : public reply_target {
public:
  void deliver(outcome given, trail of_call) noexcept override {
    ++deliveries;
    result.emplace(std::move(given));
    notes = std::move(of_call);
  }

  [[nodiscard]] bool came() const noexcept { return result.has_value(); }
  [[nodiscard]] bool ok() const noexcept { return came() && result->has_value(); }
  // Nothing: no answer yet, or a good one.
  [[nodiscard]] std::optional<errc> code() const {
    if (!came() || ok()) return std::nullopt;
    return result->error().code;
  }
  [[nodiscard]] std::string body() const {
    return ok() ? std::string((*result)->data.get(), (*result)->size) : std::string{};
  }
  // Null: the error has no such detail, or it is of another type.
  template <class T>
  [[nodiscard]] const T* detail(std::string_view name) const {
    if (!came() || ok()) return nullptr;
    for (const auto& each : result->error().details) {
      if (each.name == name) return std::get_if<T>(&each.value);
    }
    return nullptr;
  }
  [[nodiscard]] std::vector<std::string> listed(std::string_view name) const {
    const auto* list = detail<std::vector<std::string>>(name);
    return list == nullptr ? std::vector<std::string>{} : *list;
  }

  int deliveries = 0;
  std::optional<outcome> result;
  trail notes;
};

// Keeps each question until the test answers it.
class fake_prober final : public prober {
public:
  struct question {
    std::string source;
    std::vector<std::string> paths;
    std::chrono::milliseconds within;
    std::move_only_function<void(probe_outcome)> done;
  };
  void probe(const probe_question& asked,
             std::move_only_function<void(probe_outcome)> done) override {
    questions.push_back({std::string{asked.source}, {}, asked.within, std::move(done)});
    for (const auto path : asked.paths) questions.back().paths.emplace_back(path.bytes());
  }
  void answer(probe_outcome missing) {
    auto first = std::move(questions.front());
    questions.pop_front();
    first.done(std::move(missing));
  }

  std::deque<question> questions;
};

// Runs what it was given when the test says so.
class fake_pool final : public blocking_pool {
public:
  void run(std::move_only_function<void(bool)> work) override {
    if (full) return work(false);
    waiting.push_back(std::move(work));
  }
  void run_all() {
    for (auto& work : std::exchange(waiting, {})) work(true);
  }

  bool full = false;
  std::deque<std::move_only_function<void(bool)>> waiting;
};

class fake_body final : public body_source {
public:
  void read_body(admitted call) override { wanted.push_back(std::move(call)); }
  std::vector<admitted> wanted;
};

}  // namespace filemint::actors::testing
