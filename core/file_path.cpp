#include "core/file_path.hpp"

#include "core/byte_block.hpp"

#include <array>

namespace filemint {
namespace {

block_flags suspicious(byte_block c) noexcept {
  return (c < 0x20) | (c == 0x7f) | (c == '\\') | (c == '%') | (c == '"');
}

// A segment that begins with '/' (so the one before is empty) or with '.'.
block_flags suspicious_pair(byte_block c, byte_block next) noexcept {
  return (c == '/') & ((next == '/') | (next == '.'));
}

// Nothing here breaks a rule, or could, or is escaped in JSON: most paths are done after this.
// Wants two bytes or more.
bool is_plain(const char* p, std::size_t size) noexcept {
  const auto first = p[0];
  const auto last = static_cast<unsigned char>(p[size - 1]);
  bool odd = first == '/' || first == '.' || last == '/' || last == '\\' || last == '"' ||
             last < 0x20 || last == 0x7f;
  // Each byte but the last, with the one behind it.
  const auto pairs = size - 1;
  const auto test = [](byte_block c, byte_block next) {
    return suspicious(c) | suspicious_pair(c, next);
  };
  if (pairs < block_bytes) {
    odd |= any(test(load_short_block(p, pairs), load_short_block(p + 1, pairs)));
    return !odd;
  }
  const auto tail = pairs - block_bytes;
  auto flags = test(load_block(p + tail), load_block(p + tail + 1));
  for (std::size_t i = 0; i < tail; i += block_bytes) {
    flags |= test(load_block(p + i), load_block(p + i + 1));
  }
  return !odd && !any(flags);
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// An escape that some reader behind us could decode to a separator, a dot, NUL or another escape.
bool forbidden_escape(std::string_view from_percent) noexcept {
  constexpr std::array<std::string_view, 5> forbidden{"2e", "2f", "5c", "00", "25"};
  if (from_percent.size() < 3) return false;
  for (const auto hex : forbidden) {
    if (from_percent[1] == hex[0] && lower(from_percent[2]) == hex[1]) return true;
  }
  return false;
}

bool legal_bytes(std::string_view path, path_rules rules) noexcept {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c < 0x20 || c == 0x7f || c == '\\') return false;
    if (rules == path_rules::strict && c == '%' && forbidden_escape(path.substr(i))) return false;
  }
  return true;
}

bool legal_segments(std::string_view path, path_rules rules) noexcept {
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = path.find('/', begin);
    const auto segment = path.substr(begin, end == path.npos ? path.npos : end - begin);
    if (segment == "." || segment == "..") return false;
    if (rules == path_rules::strict && segment.empty()) return false;
    if (end == path.npos) break;
    begin = end + 1;
  }
  return true;
}

}  // namespace

std::optional<file_path> file_path::make(std::string_view bytes, path_rules rules) noexcept {
  if (bytes.empty() || bytes.size() > max_bytes) return std::nullopt;
  if (bytes.size() > 1 && is_plain(bytes.data(), bytes.size())) return file_path(bytes, true);
  if (legal_bytes(bytes, rules) && legal_segments(bytes, rules)) return file_path(bytes, false);
  return std::nullopt;
}

}  // namespace filemint
