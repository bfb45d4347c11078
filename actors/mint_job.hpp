// A call while its tokens are signed. Its home minter hands out the chunks and counts them; a
// helper on another core only writes the chunk that it was given.
#pragma once

#include "actors/stages.hpp"
#include "api/mint_answer.hpp"
#include "backends/backend.hpp"
#include "core/clock.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace filemint::actors {

// Other forms of paths that are missing, while they are looked for.
struct twin_search {
  error answer;  // without them
  std::vector<std::string> names;
  std::vector<file_path> paths;  // the names
};

class mint_job {
public:
  explicit mint_job(validated call) noexcept : call_(std::move(call)) {}

  [[nodiscard]] exchange& call() const noexcept { return *call_.shared(); }

  // Of a call that came then; its tokens end so.
  void begin(std::unique_ptr<backends::batch> batch, wall_time came, wall_time ends) {
    batch_ = std::move(batch);
    came_ = came;
    ends_ = ends;
  }
  [[nodiscard]] backends::batch& batch() const noexcept { return *batch_; }
  [[nodiscard]] wall_time ends() const noexcept { return ends_; }
  [[nodiscard]] std::chrono::seconds life() const noexcept { return ends_ - came_; }

  void start(api::mint_answer answer) {
    answer_.emplace(std::move(answer));
    unsigned_ = answer_->chunks();
  }

  // Home only.
  [[nodiscard]] bool has_next() const noexcept { return next_ < answer_->chunks(); }
  [[nodiscard]] std::size_t chunks_left() const noexcept { return answer_->chunks() - next_; }
  [[nodiscard]] std::size_t take_next() noexcept { return next_++; }
  // A chunk is done. True for the last one.
  [[nodiscard]] bool chunk_done() noexcept { return --unsigned_ == 0; }
  [[nodiscard]] api::answer_bytes take_answer() noexcept { return answer_->take(); }

  std::optional<twin_search> twins;  // home only
  mono_time look_until{};            // home only: whether files exist is of no use later

  // Any thread, each chunk once.
  void sign(std::size_t chunk) {
    answer_->write_chunk(
        chunk, [this](file_path path) { return std::size_t{batch_->token_size(path)}; },
        [this](auto paths, auto places) { batch_->sign(paths, places); });
  }
  void fail() noexcept { failed_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_relaxed); }

private:
  validated call_;
  std::unique_ptr<backends::batch> batch_;
  wall_time came_{}, ends_{};
  std::optional<api::mint_answer> answer_;
  std::size_t next_ = 0;
  std::size_t unsigned_ = 0;
  std::atomic<bool> failed_{false};
};

}  // namespace filemint::actors
