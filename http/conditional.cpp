#include "http/conditional.hpp"

#include "core/http_date.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace filemint::http {

namespace {

std::optional<std::string> copy(std::optional<std::string_view> field) {
  return field ? std::optional<std::string>(*field) : std::nullopt;
}

// Weak comparison (RFC 9110 §8.8.3.2) with any of a list, or "*".
bool matches_any(std::string_view list, std::string_view etag) noexcept {
  if (syntax::trim(list) == "*") return true;
  while (auto element = syntax::next_element(list)) {
    if (element->starts_with("W/")) element->remove_prefix(2);
    if (*element == etag) return true;
  }
  return false;
}

bool is_not_modified(const conditions& asked, const representation& file, wall_time now) {
  if (asked.if_none_match) return matches_any(*asked.if_none_match, file.etag);
  if (!asked.if_modified_since) return false;
  const auto since = parse_http_date(*asked.if_modified_since, now);
  return since && file.modified <= *since;
}

// Strong comparison (RFC 9110 §13.1.5): a date is only as good as a second that has passed.
bool range_still_applies(const conditions& asked, const representation& file, wall_time now) {
  if (!asked.if_range) return true;
  if (asked.if_range->starts_with('"')) return *asked.if_range == file.etag;
  const auto date = parse_http_date(*asked.if_range, now);
  return date && *date == file.modified && file.modified < now;
}

// 1*DIGIT; what is beyond 64 bits is beyond every file too.
std::optional<std::uint64_t> parse_position(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  if (digits.empty() || end != digits.end()) return std::nullopt;
  return error == std::errc{} ? value : std::numeric_limits<std::uint64_t>::max();
}

selection whole(const representation& file) noexcept {
  return {selected::whole, 0, file.size};
}

// One range-spec (RFC 9110 §14.1.1); nothing when it is malformed.
std::optional<selection> parse_spec(std::string_view spec, const representation& file) noexcept {
  const auto dash = spec.find('-');
  if (dash == spec.npos) return std::nullopt;
  const auto last = parse_position(spec.substr(dash + 1));
  const bool open_ended = dash + 1 == spec.size();
  if (!last && !open_ended) return std::nullopt;
  if (dash == 0) {
    if (!last) return std::nullopt;
    if (*last == 0) return selection{selected::unsatisfiable};
    if (file.size == 0) return whole(file);  // satisfiable, but no Content-Range can tell it
    const auto length = std::min(*last, file.size);
    return selection{selected::part, file.size - length, length};
  }
  const auto first = parse_position(spec.substr(0, dash));
  if (!first || (last && *last < *first)) return std::nullopt;
  if (*first >= file.size) return selection{selected::unsatisfiable};
  const auto end = last && *last < file.size ? *last + 1 : file.size;
  return selection{selected::part, *first, end - *first};
}

selection select_range(std::string_view range, const representation& file) noexcept {
  const auto equals = range.find('=');
  if (equals == range.npos || !syntax::equals(range.substr(0, equals), "bytes")) return whole(file);
  auto specs = range.substr(equals + 1);
  const auto spec = syntax::next_element(specs);
  if (!spec || syntax::next_element(specs)) return whole(file);
  return parse_spec(*spec, file).value_or(whole(file));
}

}  // namespace

conditions conditions_of(const request& head) {
  conditions asked{.if_none_match = head.joined_field("if-none-match"),
                   .if_modified_since = copy(head.sole_field("if-modified-since"))};
  if (head.method == verb::get) {
    asked.range = copy(head.sole_field("range"));
    // A repeated If-Range says nothing that could be met.
    if (head.field("if-range")) asked.if_range = head.sole_field("if-range").value_or("");
  }
  return asked;
}

selection select(const conditions& asked, const representation& file, wall_time now) {
  if (is_not_modified(asked, file, now)) return {selected::not_modified};
  if (asked.range && range_still_applies(asked, file, now)) return select_range(*asked.range, file);
  return whole(file);
}

}  // namespace filemint::http
