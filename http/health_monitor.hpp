// Whether a node's components work: looked at when somebody asks, once a second at most, by a
// thread of its own. However many ask, a look is made once; one that takes too long counts as down,
// and is not begun again before it has ended.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace filemint::http {

struct health_check {
  std::string name;  // [a-z0-9_.-]
  // Begins to look, and tells once, from any thread, whether all is well. Never blocks.
  std::function<void(std::move_only_function<void(bool)>)> begin;
};

struct component_health {
  std::string name;
  bool up = false;
};

struct health_report {
  std::vector<component_health> components;  // in the order of the checks
  wall_time at{};

  [[nodiscard]] bool all_up() const noexcept;
};
using health_report_ptr = std::shared_ptr<const health_report>;

struct health_terms {
  std::chrono::milliseconds deadline{1'000};  // of each check; all are made at once
  std::chrono::milliseconds kept{1'000};      // a report answers whoever asks for so long
  std::function<instant()> now = filemint::now;
};

// Thread safety: ask may be called on any thread; the rest belongs to one.
class health_monitor {
public:
  explicit health_monitor(std::vector<health_check> checks, health_terms terms = {});
  health_monitor(const health_monitor&) = delete;
  health_monitor& operator=(const health_monitor&) = delete;
  ~health_monitor() { stop(); }

  // Never blocks. `done` is called once: at once while a report is kept, otherwise on the monitor's
  // thread; with null when it is stopped.
  void ask(std::move_only_function<void(health_report_ptr)> done);
  void stop();

private:
  struct board;  // outlives the monitor for checks that have not ended
  void run();
  [[nodiscard]] health_report_ptr look();

  const std::vector<health_check> checks_;
  const health_terms terms_;
  const std::shared_ptr<board> board_;
  std::thread thread_;
};

}  // namespace filemint::http
