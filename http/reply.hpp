// What a route answers with. The session adds the status line, Content-Length, Connection and X-Request-Id.
#pragma once

#include "core/error.hpp"
#include "http/unique_fd.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace filemint::http {

// Bytes whose room was never zeroed: the minters write into it.
struct byte_buffer {
  std::unique_ptr<char[]> data;
  std::size_t size = 0;
};

// A range of an open file; the session reads it on the file threads as the client takes it.
struct file_body {
  unique_fd file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct reply {
  unsigned status = 200;
  std::string_view code = "OK";  // the catalogue's code, for metrics and the access log; static storage
  std::string fields;            // ready header lines, each ended by CRLF
  std::variant<std::string, byte_buffer, file_body> body;
  bool head_only = false;        // HEAD and 304: Content-Length tells the body's length, the body stays here
  bool close = false;            // the connection ends with this answer
};

// On the session's executor, once.
using respond = std::move_only_function<void(reply)>;

// The error's envelope with the fields that its code asks for: WWW-Authenticate, Retry-After, Allow stays the router's.
[[nodiscard]] reply error_reply(const error& e);

}  // namespace filemint::http
