// A connection's requests, read by framing and body intake as a session reads them, for tests.
#pragma once

#include "http/body_intake.hpp"
#include "http/framing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace filemint::http {

struct read_request {
  std::string head;  // its bytes
  std::string method, path, query, fields;
  std::string body;
  bool chunked = false;
  bool keep_alive = true;

  friend bool operator==(const read_request&, const read_request&) = default;
};

class connection_reader {
public:
  explicit connection_reader(framing_limits limits = {}) : framing_(limits) {}

  // More bytes, as they come. False: malformed, or the last request was read; nothing behind
  // counts.
  bool take(std::string_view bytes) {
    held_ += bytes;
    while (!malformed_ && !ended_ && !held_.empty()) {
      if (!in_body_ && !read_head()) break;
      if (in_body_ && !read_body()) break;
    }
    return !malformed_ && !ended_;
  }

  [[nodiscard]] const std::vector<read_request>& requests() const { return requests_; }
  [[nodiscard]] bool malformed() const { return malformed_; }
  [[nodiscard]] bool between_requests() const { return ended_ || (held_.empty() && !in_body_); }

private:
  bool read_head() {
    const auto verdict = framing_.read(held_);
    malformed_ = verdict == framing_verdict::bad;
    if (verdict != framing_verdict::complete) return false;
    const auto& head = framing_.head();
    intake_ = body_intake{head};
    current_ = {.head = held_.substr(0, head.head_size),
                .method = std::string{head.method_text},
                .path = std::string{head.path},
                .query = std::string{head.query},
                .fields = std::string{head.fields},
                .body = {},
                .chunked = head.chunked,
                .keep_alive = head.keep_alive};
    held_.erase(0, head.head_size);
    return in_body_ = true;
  }

  bool read_body() {
    const auto step =
        intake_.feed(held_, [this](std::string_view piece) { current_.body += piece; });
    held_.erase(0, step.consumed);
    malformed_ = step.verdict == intake_verdict::bad;
    if (step.verdict != intake_verdict::complete) return false;
    in_body_ = false;
    framing_.reset();
    ended_ = !current_.keep_alive;
    requests_.push_back(std::move(current_));
    return true;
  }

  framing framing_;
  body_intake intake_;
  std::string held_;
  read_request current_;
  std::vector<read_request> requests_;
  bool in_body_ = false;
  bool malformed_ = false;
  bool ended_ = false;
};

}  // namespace filemint::http
