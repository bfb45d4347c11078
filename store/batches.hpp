// Many rows at once: a statement with a list of VALUES.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace filemint::store {

// Databases have a bound for a statement's parameters, and little is gained beyond some hundreds of
// rows.
inline constexpr std::size_t rows_at_once = 256;

// The items in their order, at most rows_at_once in each.
template <class T>
[[nodiscard]] std::vector<std::span<T>> batches(std::span<T> items) {
  std::vector<std::span<T>> all;
  for (; !items.empty(); items = items.subspan(all.back().size())) {
    all.push_back(items.first(std::min(items.size(), rows_at_once)));
  }
  return all;
}

// ($1, $2), ($3, $4)
[[nodiscard]] std::string placeholders(std::size_t rows, std::size_t columns);

}  // namespace filemint::store
