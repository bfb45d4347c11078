// Takes a request's body out of what the connection receives, by length or chunked. Pure
// bookkeeping: no I/O.
#pragma once

#include "http/chunks.hpp"
#include "http/request.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace filemint::http {

enum class intake_verdict : std::uint8_t { need_more, complete, bad };

struct intake_step {
  intake_verdict verdict = intake_verdict::need_more;
  std::size_t consumed =
      0;  // what follows belongs to the next request, or (need_more) is given again with more
};

// One a request. Not thread safe.
class body_intake {
public:
  body_intake() = default;
  explicit body_intake(const request& head) noexcept : left_(head.content_length) {
    if (head.chunked) chunks_.emplace();
  }

  [[nodiscard]] bool done() const noexcept { return left_ == 0 && !chunks_; }
  // Of a body with a length, what is still to come; nothing for a chunked one.
  [[nodiscard]] std::optional<std::uint64_t> left() const noexcept {
    return chunks_ ? std::nullopt : std::optional{left_};
  }

  // Hands the body's bytes on to `sink(std::string_view)`.
  template <class Sink>
  intake_step feed(std::string_view bytes, Sink&& sink) {
    if (chunks_) return feed_chunks(bytes, sink);
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (n != 0) sink(bytes.substr(0, n));
    left_ -= n;
    return {left_ == 0 ? intake_verdict::complete : intake_verdict::need_more, n};
  }

private:
  template <class Sink>
  intake_step feed_chunks(std::string_view bytes, Sink& sink) {
    std::size_t consumed = 0;
    for (;;) {
      const auto step = chunks_->next(bytes.substr(consumed));
      consumed += step.consumed;
      switch (step.verdict) {
        case chunk_verdict::data:
          sink(step.data);
          break;
        case chunk_verdict::end:
          chunks_.reset();
          return {intake_verdict::complete, consumed};
        case chunk_verdict::bad:
          return {intake_verdict::bad, consumed};
        case chunk_verdict::need_more:
          return {intake_verdict::need_more, consumed};
      }
    }
  }

  std::uint64_t left_ = 0;
  std::optional<chunk_decoder> chunks_;
};

}  // namespace filemint::http
