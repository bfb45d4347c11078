// The memory that a minting call works in: its body, the parser, the scratch. Pooled by thread, so
// that a call of usual size allocates none of it. A larger body is parsed in a workspace beside its
// own: parsers that have grown are few.
#pragma once

#include "api/parse_request.hpp"
#include "api/validate.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace filemint::actors {

// A body with the parser's padding behind it. Grows by whole allocations, never zeroed.
class body_buffer {
public:
  void clear() noexcept { size_ = 0; }
  void append(std::string_view bytes) {
    reserve(size_ + bytes.size());
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void reserve(std::size_t bytes) {
    if (bytes + api::json_padding <= capacity_) return;
    const auto wanted = std::max(bytes + api::json_padding, 2 * capacity_);
    auto grown = std::make_unique_for_overwrite<char[]>(wanted);
    if (size_ != 0) std::memcpy(grown.get(), data_.get(), size_);
    data_ = std::move(grown);
    capacity_ = wanted;
  }
  // Room behind the end, to be read into; `commit` says how much of it was.
  [[nodiscard]] char* end() noexcept { return data_.get() + size_; }
  [[nodiscard]] std::size_t room() const noexcept {
    return capacity_ < size_ + api::json_padding ? 0 : capacity_ - size_ - api::json_padding;
  }
  void commit(std::size_t bytes) noexcept { size_ += bytes; }

  [[nodiscard]] std::string_view text() const noexcept { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// A larger body is parsed when it has its turn.
inline constexpr std::size_t largest_small_body = 8 * 1024;

// What a body takes up before its turn: a small one has its parser already.
[[nodiscard]] inline std::size_t memory_of_body(std::size_t bytes) noexcept {
  return bytes <= largest_small_body ? bytes + api::body_parser::memory_for(bytes) : bytes;
}

struct workspace {
  bool large = false;  // for parsing alone, in turns
  body_buffer body;
  api::body_parser parser;
  api::validate_scratch scratch;
};

// Gives it back to the pool of the thread on which it ends, unless it has grown beyond what is
// kept.
struct workspace_return {
  void operator()(workspace* w) const noexcept;
};
using workspace_ptr = std::unique_ptr<workspace, workspace_return>;

// From this thread's pool, the body empty. Its parser is for small bodies: it stays small.
[[nodiscard]] workspace_ptr take_workspace();

// One whose parser is for larger bodies; few of them are kept.
[[nodiscard]] workspace_ptr take_large_workspace();

}  // namespace filemint::actors
