// Reads a request's head by RFC 9112 without its optional leniences: what two readers could take
// for two different messages is refused. It looks at each byte once, line by line as they come, and
// allocates nothing.
#pragma once

#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace filemint::http {

struct framing_limits {
  std::size_t max_head_bytes = 32 * 1024;
  std::size_t max_fields = 100;
};

enum class framing_verdict : std::uint8_t { need_more, bad, complete };

// One a connection; reset() between requests. Not thread safe.
class framing {
public:
  explicit framing(framing_limits limits = {}) noexcept : limits_(limits) {}

  // `bytes`: all that was received from the request's first byte on, more at each call; the buffer
  // may have moved in between. Once `complete`, head() tells what was read and the body begins at
  // head().head_size.
  [[nodiscard]] framing_verdict read(std::string_view bytes) noexcept;

  // Its views point into what read() was given last; whoever moves those bytes calls rebase().
  [[nodiscard]] const request& head() const noexcept { return head_; }
  void rebase(const char* to) noexcept;

  // Why it was `bad`: static text for logs and tests, empty before.
  [[nodiscard]] std::string_view fault() const noexcept { return fault_; }

  void reset() noexcept { *this = framing(limits_); }
  void reset(framing_limits limits) noexcept { *this = framing(limits); }

private:
  framing_verdict refuse(std::string_view fault) noexcept;
  bool read_request_line(std::string_view line) noexcept;
  bool read_target() noexcept;
  bool read_field(std::string_view line) noexcept;
  bool read_known_field(std::string_view name, std::string_view value) noexcept;
  framing_verdict finish(std::string_view bytes) noexcept;

  framing_limits limits_;
  request head_;
  const char* base_ = nullptr;
  std::size_t scanned_ = 0;       // no control byte before it, in the line that begins at line_
  std::size_t line_ = 0;          // where the current line begins
  std::size_t fields_begin_ = 0;  // 0: the request line is still to come
  std::size_t field_count_ = 0;
  bool has_length_ = false;
  bool has_coding_ = false;
  bool has_request_id_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool says_continue_ = false;
  std::string_view fault_;
};

// Whether that can stand in a Host field (RFC 9110 §7.2): a name or an address that is not empty, a
// port or none.
[[nodiscard]] bool is_host(std::string_view text) noexcept;

}  // namespace filemint::http
