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
    those(at->exists).erase(at);
    return std::nullopt;
  }
  auto& others = those(at->exists);
  others.splice(others.begin(), others, at);
  return at->exists;
}

void existence_cache::put(std::string_view path, bool exists, mono_time now) {
  if (terms_.entries == 0 || terms_.life <= terms_.life.zero()) return;
  if (const auto found = by_path_.find(path); found != by_path_.end()) {
    const auto at = found->second;
    if (at->exists != exists) make_room(exists, 1);
    auto& others = those(exists);
    others.splice(others.begin(), those(at->exists), at);
    at->told = now;
    at->exists = exists;
    return;
  }
  make_room(exists, 1);
  auto& others = those(exists);
  others.push_front({std::string{path}, now, exists});
  by_path_.emplace(others.front().path, others.begin());
}

void existence_cache::set_terms(const existence_terms& terms) {
  terms_ = terms;
  for (const bool exists : {true, false}) make_room(exists, 0);
}

void existence_cache::make_room(bool exists, std::size_t for_more) {
  auto& kept = those(exists);
  const auto most = exists ? terms_.entries : std::min(terms_.entries, most_missing);
  while (!kept.empty() && kept.size() + for_more > most) {
    by_path_.erase(kept.back().path);
    kept.pop_back();
  }
}

}  // namespace filemint
