#include "actors/workspace.hpp"

#include <vector>

namespace filemint::actors {
namespace {

constexpr std::size_t most_pooled = 256;
constexpr std::size_t largest_pooled_body = 1024 * 1024;  // its parser holds 13 times as much

std::vector<std::unique_ptr<workspace>>& pool() {
  thread_local std::vector<std::unique_ptr<workspace>> kept = [] {
    std::vector<std::unique_ptr<workspace>> empty;
    empty.reserve(most_pooled);  // keeping one can't fail
    return empty;
  }();
  return kept;
}

}  // namespace

void workspace_return::operator()(workspace* w) const noexcept {
  std::unique_ptr<workspace> owned{w};
  auto& kept = pool();
  if (kept.size() >= most_pooled || owned->body.capacity() > largest_pooled_body) return;
  kept.push_back(std::move(owned));
}

workspace_ptr take_workspace() {
  auto& kept = pool();
  if (kept.empty()) return workspace_ptr{new workspace};
  auto w = std::move(kept.back());
  kept.pop_back();
  w->body.clear();
  return workspace_ptr{w.release()};
}

}  // namespace filemint::actors
