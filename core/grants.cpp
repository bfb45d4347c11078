#include "core/grants.hpp"

#include <algorithm>

namespace filemint {
namespace {

// path + '/' < prefix, without making the sum.
bool precedes(std::string_view path, std::string_view prefix) noexcept {
  if (prefix.size() <= path.size()) return path < prefix;
  const auto order = path.compare(prefix.substr(0, path.size()));
  if (order != 0) return order < 0;
  const auto rest = prefix.substr(path.size());
  return std::string_view("/") < rest;
}

// path + '/' starts with prefix, which ends with '/'.
bool lies_beneath(std::string_view path, std::string_view prefix) noexcept {
  if (path.starts_with(prefix)) return true;
  return prefix.size() == path.size() + 1 && prefix.starts_with(path);
}

}  // namespace

prefix_set::prefix_set(std::vector<std::string> prefixes) {
  for (auto& prefix : prefixes) {
    if (!prefix.empty() && prefix.back() != '/') prefix.push_back('/');
  }
  std::ranges::sort(prefixes);
  for (auto& prefix : prefixes) {
    // What covers a prefix sorts before it, and what lies between is covered too.
    if (prefixes_.empty() || !prefix.starts_with(prefixes_.back())) {
      prefixes_.push_back(std::move(prefix));
    }
  }
}

bool prefix_set::covers(file_path path) const noexcept {
  const auto bytes = path.bytes();
  // No prefix covers another: the only one that can cover a path is the last that does not follow
  // it.
  const auto next = std::ranges::upper_bound(prefixes_, bytes, precedes);
  return next != prefixes_.begin() && lies_beneath(bytes, *std::prev(next));
}

const prefix_set* grants::on(std::string_view source) const noexcept {
  const auto found = by_source_.find(source);
  return found == by_source_.end() || found->second.empty() ? nullptr : &found->second;
}

}  // namespace filemint
