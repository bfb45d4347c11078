// What a company may read: (source, prefix of whole segments) pairs. `uploads/co_x` never covers
// `uploads/co_xyz`.
#pragma once

#include "core/file_path.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// The prefixes of one company on one source. A look-up costs O(log of these prefixes); other
// companies' do not count. Immutable once built; thread safe.
class prefix_set {
public:
  prefix_set() = default;
  // Prefixes that another covers are dropped. The empty prefix covers everything. A trailing '/' is
  // ignored.
  explicit prefix_set(std::vector<std::string> prefixes);

  [[nodiscard]] bool covers(file_path path) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return prefixes_.empty(); }
  // What it could be made of again.
  [[nodiscard]] const std::vector<std::string>& prefixes() const noexcept { return prefixes_; }

private:
  std::vector<std::string>
      prefixes_;  // each with a trailing '/', sorted, none covers another; "" stands alone
};

// All of one company's grants. Immutable once built; thread safe.
class grants {
public:
  grants() = default;
  explicit grants(std::map<std::string, prefix_set, std::less<>> by_source)
      : by_source_(std::move(by_source)) {}

  // Null: nothing is granted on that source.
  [[nodiscard]] const prefix_set* on(std::string_view source) const noexcept;
  [[nodiscard]] const std::map<std::string, prefix_set, std::less<>>& by_source() const noexcept {
    return by_source_;
  }

private:
  std::map<std::string, prefix_set, std::less<>> by_source_;
};

}  // namespace filemint
