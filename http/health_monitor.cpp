#include "http/health_monitor.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace filemint::http {

struct health_monitor::board {
  struct place {
    bool looking = false;
    bool up = false;
  };

  std::mutex mutex;  // guards all
  std::condition_variable wake;
  std::vector<place> places;  // by check
  std::vector<std::move_only_function<void(health_report_ptr)>> waiting;
  health_report_ptr last;
  mono_time last_at{};
  bool stopped = false;
};

bool health_report::all_up() const noexcept {
  return std::ranges::all_of(components, &component_health::up);
}

health_monitor::health_monitor(std::vector<health_check> checks, health_terms terms)
    : checks_(std::move(checks)), terms_(std::move(terms)), board_(std::make_shared<board>()) {
  board_->places.resize(checks_.size());
  thread_ = std::thread([this] { run(); });
}

void health_monitor::ask(std::move_only_function<void(health_report_ptr)> done) {
  health_report_ptr known;
  {
    const std::scoped_lock lock(board_->mutex);
    const bool fresh = board_->last && terms_.now().mono - board_->last_at < terms_.kept;
    if (!board_->stopped && !fresh) {
      board_->waiting.push_back(std::move(done));
      board_->wake.notify_all();
      return;
    }
    if (fresh) known = board_->last;
  }
  done(std::move(known));
}

void health_monitor::stop() {
  {
    const std::scoped_lock lock(board_->mutex);
    board_->stopped = true;
    board_->wake.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void health_monitor::run() {
  for (bool stopped = false; !stopped;) {
    {
      std::unique_lock lock(board_->mutex);
      board_->wake.wait(lock, [&] { return board_->stopped || !board_->waiting.empty(); });
    }
    auto report = look();
    std::vector<std::move_only_function<void(health_report_ptr)>> waiting;
    {
      const std::scoped_lock lock(board_->mutex);
      stopped = board_->stopped;
      if (stopped) report = nullptr;
      board_->last = report;
      board_->last_at = terms_.now().mono;
      waiting.swap(board_->waiting);
    }
    for (auto& done : waiting) done(report);
  }
}

health_report_ptr health_monitor::look() {
  const auto deadline = mono_clock::now() + terms_.deadline;
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    {
      const std::scoped_lock lock(board_->mutex);
      if (board_->stopped) return nullptr;
      auto& place = board_->places[i];
      if (place.looking) continue;
      place = {.looking = true, .up = false};
    }
    checks_[i].begin([board = board_, i](bool up) {
      const std::scoped_lock lock(board->mutex);
      board->places[i] = {.looking = false, .up = up};
      board->wake.notify_all();
    });
  }
  std::unique_lock lock(board_->mutex);
  board_->wake.wait_until(lock, deadline, [&] {
    return board_->stopped || std::ranges::none_of(board_->places, &board::place::looking);
  });
  auto report = std::make_shared<health_report>();
  report->at = terms_.now().wall;
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    const auto& place = board_->places[i];
    report->components.push_back({checks_[i].name, !place.looking && place.up});
  }
  return report;
}

}  // namespace filemint::http
