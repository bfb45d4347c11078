#include "store/day_writer.hpp"

#include <utility>

namespace filemint::store {
namespace {

// A clock may be set back by a day, see day_count.
std::chrono::sys_days first_day(wall_time now) {
  return std::chrono::floor<std::chrono::days>(now) - std::chrono::days{1};
}

}  // namespace

day_writer::day_writer(std::unique_ptr<store> target, day_book& counts,
                       std::function<void(const error&)> report)
    : target_(std::move(target)), counts_(counts), report_(std::move(report)) {}

day_writer::~day_writer() {
  stop();
}

result<void> day_writer::start(wall_time now) {
  auto kept = target_->load_key_days(first_day(now));
  if (!kept) return std::unexpected(std::move(kept.error()));
  counts_.load(std::move(*kept));
  running_ = true;
  thread_ = std::thread([this] { run(); });
  return {};
}

void day_writer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    running_ = false;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void day_writer::run() {
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    last = wake_.wait_for(lock, interval, [this] { return !running_; });
    lock.unlock();
    write();
    lock.lock();
  }
}

void day_writer::write() {
  const auto changed = counts_.take_changed();
  if (changed.empty()) return;
  auto done = target_->put_key_days(changed);
  if (!done) {
    counts_.put_back(changed);
    if (!std::exchange(failing_, true) && report_) report_(done.error());
    return;
  }
  failing_ = false;
  counts_.forget_before(first_day(wall_now()));
}

}  // namespace filemint::store
