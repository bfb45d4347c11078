#include "core/day_book.hpp"

#include <algorithm>
#include <utility>

namespace filemint {

void day_book::load(std::vector<key_day> kept) {
  const std::scoped_lock lock(mutex_);
  for (auto& [key, count] : kept) by_key_.emplace(std::move(key), entry{count});
}

day_count day_book::find(std::string_view key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? day_count{} : found->second.count;
}

void day_book::note(std::string_view key, const day_count& count) {
  const std::scoped_lock lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) found = by_key_.emplace(key, entry{}).first;
  found->second.count = count;
  if (!std::exchange(found->second.changed, true)) changed_.push_back(found->first);
}

void day_book::raise(std::string_view key, const day_count& count) {
  const std::scoped_lock lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) found = by_key_.emplace(key, entry{}).first;
  auto& [known, changed, told] = found->second;
  if (later_of(known, count) == known) return;
  known = count;
  told = true;
}

void day_book::inherit() {
  const std::scoped_lock lock(mutex_);
  for (auto& [key, each] : by_key_) {
    if (std::exchange(each.told, false) && !std::exchange(each.changed, true)) {
      changed_.push_back(key);
    }
  }
}

std::vector<key_day> day_book::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<key_day> found;
  found.reserve(by_key_.size());
  for (const auto& [key, each] : by_key_) found.push_back({key, each.count});
  return found;
}

std::vector<key_day> day_book::take_changed() {
  const std::scoped_lock lock(mutex_);
  std::vector<key_day> taken;
  taken.reserve(changed_.size());
  std::ranges::sort(changed_);
  for (auto& key : std::exchange(changed_, {})) {
    auto& found = by_key_.at(key);
    found.changed = found.told = false;
    taken.push_back({std::move(key), found.count});
  }
  return taken;
}

void day_book::put_back(const std::vector<key_day>& unwritten) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, count] : unwritten) {
    auto& found = by_key_.try_emplace(key, entry{count}).first->second;
    if (!std::exchange(found.changed, true)) changed_.push_back(key);
  }
}

void day_book::forget_before(std::chrono::sys_days day) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(by_key_, [&](const auto& each) {
    return !each.second.changed && each.second.count.day() < day;
  });
}

}  // namespace filemint
