#include "core/cluster/given_logs.hpp"

#include <algorithm>
#include <utility>

namespace filemint {

std::uint64_t given_logs::write(entry what) {
  auto& own = logs_[self_];
  own.entries.push_back(std::move(what));
  return ++own.last;
}

std::uint64_t given_logs::known(const node_id& giver) const {
  const auto at = logs_.find(giver);
  return at == logs_.end() ? 0 : at->second.last;
}

std::vector<log_position> given_logs::positions() const {
  std::vector<log_position> all;
  all.reserve(logs_.size());
  for (const auto& [giver, log] : logs_) all.push_back({giver, log.last});
  return all;
}

bool given_logs::holds_any_of(const node_id& giver) const {
  const auto at = logs_.find(giver);
  return at != logs_.end() && !at->second.entries.empty();
}

std::optional<given_part> given_logs::after(mono_time now, const node_id& giver,
                                            std::uint64_t position) const {
  const auto at = logs_.find(giver);
  if (at == logs_.end() || position >= at->second.last) return std::nullopt;
  const auto& log = at->second;
  given_part part{.giver = giver, .entries = {}};
  part.first = std::max(position + 1, log.first());
  part.oldest = part.first == log.first();
  auto next = log.entries.begin() + static_cast<std::ptrdiff_t>(part.first - log.first());
  for (; next != log.entries.end() && part.entries.size() < most_entries; ++next) {
    part.entries.push_back(
        {next->company, next->calls, next->leased, next->tokens, now - next->at, next->days});
  }
  return part;
}

void given_logs::take(mono_time now, const given_part& part, const visitor& fresh) {
  if (part.giver == self_) return;
  auto& log = logs_[part.giver];
  log.touched = now;
  if (part.first > log.last + 1) {
    if (!part.oldest) return;  // something was lost on the way, and will come again
    log.entries.clear();
    log.last = part.first - 1;
  }
  auto position = part.first;
  for (const auto& each : part.entries) {
    if (position++ <= log.last) continue;
    log.entries.push_back(
        {each.company, each.calls, each.leased, each.tokens, now - each.age, each.days});
    ++log.last;
    fresh(part.giver, log.entries.back());
  }
}

void given_logs::each(const visitor& show) const {
  for (const auto& [giver, log] : logs_) {
    for (const auto& line : log.entries) show(giver, line);
  }
}

void given_logs::forget(mono_time now) {
  for (auto at = logs_.begin(); at != logs_.end();) {
    auto& [giver, log] = *at;
    while (!log.entries.empty() && log.entries.front().at + kept <= now) log.entries.pop_front();
    const bool over = log.entries.empty() && giver != self_ && log.touched + kept <= now;
    at = over ? logs_.erase(at) : std::next(at);
  }
}

std::size_t given_logs::entries() const {
  std::size_t all = 0;
  for (const auto& [giver, log] : logs_) all += log.entries.size();
  return all;
}

}  // namespace filemint
