// The inside of a JSON string (RFC 8259 §7): only what must be escaped is, UTF-8 passes as it is.
// Written by hand where a library would cost more than the rest of an answer. Pure functions,
// thread safe.
#pragma once

#include "core/file_path.hpp"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace filemint {

[[nodiscard]] constexpr bool must_escape_in_json(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// How many bytes json_escape writes: text.size() when nothing must be escaped, at most six times
// that.
[[nodiscard]] std::size_t json_escaped_size(std::string_view text) noexcept;

// Writes json_escaped_size(text) bytes at `out`, without quotes around them, and returns the end.
char* json_escape(std::string_view text, char* out) noexcept;
[[nodiscard]] std::string json_escaped(std::string_view text);

// A text on its way into a JSON string, looked at once. A view.
class json_content {
public:
  json_content(std::string_view text) noexcept
      : text_(text), escaped_size_(json_escaped_size(text)) {}
  json_content(const std::string& text) noexcept : json_content(std::string_view{text}) {}
  json_content(file_path path) noexcept
      : text_(path.bytes()),
        escaped_size_(path.plain() ? text_.size() : json_escaped_size(text_)) {}

  [[nodiscard]] std::size_t escaped_size() const noexcept { return escaped_size_; }
  // Writes escaped_size() bytes at `out` and returns the end.
  char* write(char* out) const noexcept {
    if (escaped_size_ != text_.size()) return json_escape(text_, out);
    std::memcpy(out, text_.data(), text_.size());
    return out + text_.size();
  }

private:
  std::string_view text_;
  std::size_t escaped_size_;
};

}  // namespace filemint
