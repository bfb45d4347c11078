// One HTTP request's head, as framing has read it and as routes see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

enum class verb : std::uint8_t { get, head, post, options, other };

// Views into the session's read buffer: they hold until the reply has been handed over, or the
// buffer moves (rebase).
struct request {
  verb method = verb::other;
  std::string_view method_text;
  std::string_view target;  // as sent
  std::string_view
      path;  // still percent-encoded; "*" for OPTIONS *; empty for an absolute form without a path
  std::string_view query;   // behind '?', still percent-encoded
  std::string_view fields;  // all field lines, each ended by CRLF

  // Fields that stand at most once, or the request would have been refused.
  std::optional<std::string_view> host;  // an absolute form's authority, else Host
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> content_type;
  std::string_view request_id;   // the client's X-Request-Id when it is one that we take over (it
                                 // will be logged: it holds no API key), else empty
  bool content_encoded = false;  // a Content-Encoding other than identity stands in the head

  std::size_t head_size = 0;         // up to and with the empty line
  std::uint64_t content_length = 0;  // 0 when chunked
  bool chunked = false;
  bool keep_alive = true;
  bool expect_continue = false;  // the client waits for 100 (Continue) before it sends its body
  unsigned minor_version = 1;    // HTTP/1.x

  [[nodiscard]] bool has_body() const noexcept { return chunked || content_length > 0; }

  // Any other field, by its name in lower case. Each is a scan over `fields`.
  [[nodiscard]] std::optional<std::string_view> field(
      std::string_view lower_name) const noexcept;  // the first
  [[nodiscard]] std::optional<std::string_view> sole_field(
      std::string_view lower_name) const noexcept;  // the only
  // All of that name, joined by ", " (RFC 9110 §5.3). Nothing: none.
  [[nodiscard]] std::optional<std::string> joined_field(std::string_view lower_name) const;

  // The bytes that began at `from` now begin at `to`.
  void rebase(const char* from, const char* to) noexcept;
};

}  // namespace filemint::http
