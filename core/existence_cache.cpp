#include "core/existence_cache.hpp"

#include <algorithm>

namespace filemint {

std::chrono::milliseconds existence_cache::life_of(bool exists) const noexcept {
  return exists ? terms_.life : std::min(terms_.life, longest_of_missing);
}

std::optional<bool> existence_cache::find(std::string_view path, mono_time now) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return std::nullopt;
  const auto at = found->second;
  if (now - at->told >= life_of(at->exists)) {
    by_path_.erase(found);
    known_.erase(at);
    return std::nullopt;
  }
  known_.splice(known_.begin(), known_, at);
  return at->exists;
}

void existence_cache::put(std::string_view path, bool exists, mono_time now) {
  if (terms_.entries == 0 || terms_.life <= terms_.life.zero()) return;
  if (const auto found = by_path_.find(path); found != by_path_.end()) {
    const auto at = found->second;
    at->told = now;
    at->exists = exists;
    known_.splice(known_.begin(), known_, at);
    return;
  }
  drop_beyond(terms_.entries - 1);
  known_.push_front({std::string{path}, now, exists});
  by_path_.emplace(known_.front().path, known_.begin());
}

void existence_cache::set_terms(const existence_terms& terms) {
  terms_ = terms;
  drop_beyond(terms.entries);
}

void existence_cache::drop_beyond(std::size_t entries) {
  while (known_.size() > entries) {
    by_path_.erase(known_.back().path);
    known_.pop_back();
  }
}

}  // namespace filemint
