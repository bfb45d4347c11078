#include "http/chunks.hpp"

#include <algorithm>
#include <charconv>

namespace filemint::http {

namespace {

constexpr std::size_t max_digits = 16;  // of 64 bits
constexpr chunk_step bad{chunk_verdict::bad};
constexpr chunk_step need_more{chunk_verdict::need_more};

// Where a CRLF begins that must stand at the beginning: nothing is sure until both bytes are there.
chunk_verdict read_line_end(std::string_view bytes) noexcept {
  constexpr std::string_view line_end = "\r\n";
  const auto seen = bytes.substr(0, 2);
  if (seen != line_end.substr(0, seen.size())) return chunk_verdict::bad;
  return seen.size() == 2 ? chunk_verdict::end : chunk_verdict::need_more;
}

bool is_legal_in_extension(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

}  // namespace

chunk_step chunk_decoder::next(std::string_view bytes) noexcept {
  std::size_t skipped = 0;
  if (place_ == place::after_data) {
    const auto verdict = read_line_end(bytes);
    if (verdict != chunk_verdict::end) return {verdict};
    bytes.remove_prefix(skipped = 2);
    place_ = place::size_line;
  }
  if (place_ == place::size_line) {
    const auto line = read_size_line(bytes);
    skipped += line.consumed;
    if (line.verdict != chunk_verdict::data) return {line.verdict, skipped};
    bytes.remove_prefix(line.consumed);
  }
  if (place_ == place::last_line) {
    const auto verdict = read_line_end(bytes);
    return {verdict, verdict == chunk_verdict::end ? skipped + 2 : skipped};
  }
  if (bytes.empty()) return {chunk_verdict::need_more, skipped};
  const auto piece =
      bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  left_ -= piece.size();
  if (left_ == 0) place_ = place::after_data;
  return {chunk_verdict::data, skipped + piece.size(), piece};
}

// Says `data` once the line was read, whatever follows.
chunk_step chunk_decoder::read_size_line(std::string_view bytes) noexcept {
  const auto limit = bytes.substr(0, max_digits + 1);
  const auto digits = limit.substr(0, limit.find_first_not_of("0123456789abcdefABCDEF"));
  if (digits.size() > max_digits) return bad;
  if (digits.size() == bytes.size()) return need_more;
  if (digits.empty()) return bad;
  const auto rest = bytes.substr(digits.size());
  const auto extension =
      rest.substr(0, static_cast<std::size_t>(
                         std::ranges::find_if_not(rest, is_legal_in_extension) - rest.begin()));
  if (extension.size() > max_extension_bytes) return bad;
  if (!extension.empty() && extension.front() != ';') return bad;
  const auto verdict = read_line_end(rest.substr(extension.size()));
  if (verdict != chunk_verdict::end) return {verdict};
  std::from_chars(digits.begin(), digits.end(), left_, 16);
  place_ = left_ == 0 ? place::last_line : place::data;
  return {chunk_verdict::data, digits.size() + extension.size() + 2};
}

}  // namespace filemint::http
