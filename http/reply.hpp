// What a route answers with, and how its head is written. The session frames it: status line,
// Content-Length, Connection, Date and X-Request-Id are not the route's.
#pragma once

#include "core/error.hpp"
#include "core/unique_fd.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace filemint::http {

class file_threads;

// Bytes whose room was never zeroed: the minters write into it.
struct byte_buffer {
  std::unique_ptr<char[]> data;
  std::size_t size = 0;
};

// A range of an open file; the session reads it on its source's threads as the client takes it. A
// read that is under way holds the file too.
struct file_body {
  std::shared_ptr<const unique_fd> file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  file_threads* readers = nullptr;  // of the file_reader that opened it
};

// Bytes that are part of the binary.
struct static_body {
  std::string_view bytes;
};

struct reply {
  unsigned status = 200;
  std::string_view code =
      "OK";  // the catalogue's code, for metrics and the access log; static storage
  std::string_view content_type = "application/json";  // static storage; empty: no such field
  std::string fields;                                  // further header lines, each ended by CRLF
  std::variant<std::string, byte_buffer, file_body, static_body> body;
  bool head_only =
      false;  // the answer to HEAD: Content-Length tells the body's length, the body stays here
  bool close = false;  // the connection ends with this answer
};

// Called once, on whichever thread the answer was made: the session posts it home itself.
using respond = std::move_only_function<void(reply)>;

// The error's envelope with the fields that its code asks for: WWW-Authenticate, Retry-After (a
// detail `retry_after_seconds`, or else 1). Allow and Content-Range are the route's own. A
// bad_request closes.
[[nodiscard]] reply error_reply(const error& e);

// 200 with {"success":true,"data":DATA}; `data` is JSON.
[[nodiscard]] reply success_reply(std::string_view data);

[[nodiscard]] std::uint64_t body_size(const reply& r) noexcept;

struct answer_terms {
  std::string_view request_id = {};
  std::string_view date = {};  // as format_http_date makes it
  bool keep_alive = true;      // false: "Connection: close"
  unsigned minor_version = 1;  // the request's: HTTP/1.0 must be told that a connection stays
};

// Appends the status line and all fields with the empty line behind them. `out` is one that is used
// again, so that nothing is allocated. 204 and 304
// tell no length.
void append_head(std::string& out, const reply& r, const answer_terms& terms);

}  // namespace filemint::http
