// The nodes that one node holds for able to own companies.
#pragma once

#include "core/cluster/rendezvous.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint {

// A value. Thread safety: const functions from any thread.
class candidate_set {
public:
  candidate_set() = default;
  // Sorted, each once.
  explicit candidate_set(std::vector<std::string> names) : names_(std::move(names)) {
    hashes_.reserve(names_.size());
    for (const auto& name : names_) hashes_.push_back(stable_hash(name));
  }

  // Empty: there is none. O(nodes).
  [[nodiscard]] std::string_view owner_of(std::uint64_t company_hash) const noexcept {
    std::size_t best = 0;
    std::uint64_t highest = 0;
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
      const auto score = rendezvous_score(company_hash, hashes_[i]);
      if (i != 0 && score <= highest) continue;
      best = i;
      highest = score;
    }
    return names_.empty() ? std::string_view{} : std::string_view{names_[best]};
  }

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  friend bool operator==(const candidate_set& a, const candidate_set& b) {
    return a.names_ == b.names_;
  }

private:
  std::vector<std::string> names_;
  std::vector<std::uint64_t> hashes_;
};

// While candidates change, a company has an owner only if those before lead to the same one. Null:
// they do not change.
[[nodiscard]] inline std::optional<std::string_view> agreed_owner(
    const candidate_set& candidates, const candidate_set* before,
    std::uint64_t company_hash) noexcept {
  const auto owner = candidates.owner_of(company_hash);
  if (owner.empty()) return std::nullopt;
  if (before != nullptr && before->owner_of(company_hash) != owner) return std::nullopt;
  return owner;
}

}  // namespace filemint
