#include "actors/workspace.hpp"

#include <vector>

namespace filemint::actors {
namespace {

constexpr std::size_t most_pooled = 256;
constexpr std::size_t most_large_pooled = 16;
constexpr std::size_t largest_pooled_body = 1024 * 1024;  // its parser holds 13 times as much

class workspace_pool {
public:
  explicit workspace_pool(std::size_t most) : most_(most) {
    kept_.reserve(most);  // keeping one can't fail
  }
  workspace_ptr take() {
    if (kept_.empty()) return workspace_ptr{new workspace};
    auto w = std::move(kept_.back());
    kept_.pop_back();
    w->body.clear();
    return workspace_ptr{w.release()};
  }
  void keep(std::unique_ptr<workspace> w) noexcept {
    if (kept_.size() < most_) kept_.push_back(std::move(w));
  }

private:
  std::size_t most_;
  std::vector<std::unique_ptr<workspace>> kept_;
};

workspace_pool& pool() {
  thread_local workspace_pool kept{most_pooled};
  return kept;
}

workspace_pool& large_pool() {
  thread_local workspace_pool kept{most_large_pooled};
  return kept;
}

bool has_grown(const workspace& w) noexcept {
  return w.body.capacity() > largest_pooled_body ||
         w.parser.memory_bytes() > api::body_parser::memory_for(largest_pooled_body);
}

}  // namespace

void workspace_return::operator()(workspace* w) const noexcept {
  std::unique_ptr<workspace> owned{w};
  if (has_grown(*owned)) return;
  auto& home = owned->large ? large_pool() : pool();
  home.keep(std::move(owned));
}

workspace_ptr take_workspace() {
  return pool().take();
}

workspace_ptr take_large_workspace() {
  auto w = large_pool().take();
  w->large = true;
  return w;
}

}  // namespace filemint::actors
