#include "store/node_list.hpp"

#include <algorithm>
#include <utility>

namespace filemint::store {

std::vector<std::string> counted_nodes::among(const std::vector<node_row>& rows,
                                              const std::string& self, instant now,
                                              std::chrono::seconds silence) {
  std::vector<std::string> names{self};
  std::map<std::string, seen> fresh;
  for (const auto& row : rows) {
    if (row.left_at || row.name == self) continue;
    seen of{.told = row.seen_at, .change = {}};
    if (const auto before = seen_.find(row.name); before != seen_.end()) {
      of.change = before->second.change;
      if (before->second.told != row.seen_at) of.change = now.mono;
    }
    const bool changes = of.change && now.mono - *of.change < silence;
    if (changes || std::chrono::abs(now.wall - row.seen_at) < silence) names.push_back(row.name);
    fresh.emplace(row.name, of);
  }
  seen_ = std::move(fresh);
  std::ranges::sort(names);
  return names;
}

node_list::node_list(std::unique_ptr<store> target, node_list_terms terms, node_list_hooks hooks)
    : target_(std::move(target)),
      terms_(std::move(terms)),
      hooks_(std::move(hooks)),
      started_(terms_.now().wall) {}

node_list::~node_list() {
  stop();
}

result<void> node_list::start() {
  if (auto done = look(); !done) return done;
  running_ = true;
  thread_ = std::thread([this] { run(); });
  return {};
}

void node_list::leave() {
  std::unique_lock lock(mutex_);
  if (!running_ || stage_ != stage::here) return;
  stage_ = stage::leaving;
  wake_.notify_all();
  wake_.wait_for(lock, std::chrono::seconds{1}, [this] { return stage_ == stage::left; });
}

void node_list::stop() {
  {
    const std::scoped_lock lock(mutex_);
    running_ = false;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void node_list::run() {
  std::unique_lock lock(mutex_);
  while (running_) {
    const auto told = [this] { return !running_ || stage_ == stage::leaving; };
    wake_.wait_for(lock, terms_.interval, told);
    if (!running_ || stage_ == stage::left) continue;
    const bool leaving = stage_ == stage::leaving;
    lock.unlock();
    note(leaving ? say_goodbye() : look());
    lock.lock();
    if (leaving) stage_ = stage::left;
    wake_.notify_all();
  }
}

result<void> node_list::look() {
  const auto now = terms_.now();
  const node_row own{
      .name = terms_.name, .version = terms_.version, .started_at = started_, .seen_at = now.wall};
  if (auto done = target_->announce_node(own); !done) return done;
  const auto rows = target_->list_nodes();
  if (!rows) return std::unexpected(rows.error());
  auto names = counted_.among(*rows, terms_.name, now, terms_.silence());
  if (names == told_) return {};
  told_ = std::move(names);
  hooks_.members(told_);
  return {};
}

result<void> node_list::say_goodbye() {
  return target_->node_said_goodbye(terms_.name, terms_.now().wall);
}

void node_list::note(const result<void>& done) {
  if (std::exchange(failing_, !done) || done) return;
  hooks_.report(done.error());
}

}  // namespace filemint::store
