#include "core/config/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <set>
#include <vector>

namespace filemint {
namespace {

// Levenshtein's distance: the fewest characters to insert, remove or replace.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string nearest_of(const std::set<std::string>& names, std::string_view name) {
  constexpr std::size_t longest = 64;
  if (name.size() > longest) return {};
  std::string best;
  auto least = name.size() / 3 + 2;
  for (const auto& candidate : names) {
    const auto d = distance(name, candidate);
    if (d >= least) continue;
    least = d;
    best = candidate;
  }
  return best;
}

}  // namespace

std::string nearest_key(const std::vector<std::string>& keys, std::string_view section,
                        std::string_view name) {
  std::set<std::string> siblings;
  const auto prefix = section.empty() ? std::string{} : std::string{section} + ".";
  for (const std::string_view key : keys) {
    if (!key.starts_with(prefix)) continue;
    siblings.emplace(key.substr(prefix.size(), key.find('.', prefix.size()) - prefix.size()));
  }
  if (auto near = nearest_of(siblings, name); !near.empty()) return near;
  for (const std::string_view key : keys) {
    if (key.substr(key.rfind('.') + 1) == name) return std::string{key};
  }
  return {};
}

}  // namespace filemint
