// http/conditional: lines of the input are Range, If-Range, If-None-Match and If-Modified-Since; a
// part always lies within the file and is what a naive reading of a single range gives; whatever is
// no such range selects the whole file. Dates survive being written and read again.
#include "core/http_date.hpp"
#include "http/conditional.hpp"
#include "targets.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace filemint::fuzz {

namespace {

constexpr wall_time now{std::chrono::seconds{1'800'000'000}};

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// 0 to 9 digits, which all sizes here fit in.
std::optional<std::uint64_t> small_number(std::string_view text) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != text.npos)
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

void check_single_range(std::string_view range, std::uint64_t size, const http::selection& got) {
  if (!range.starts_with("bytes=")) return;
  const auto dash = range.find('-');
  if (dash == range.npos) return;
  const auto first = small_number(range.substr(6, dash - 6));
  const auto last = small_number(range.substr(dash + 1));
  if (!first || !last) return;
  if (*last < *first) {
    must(got.what == http::selected::whole, "a range that ends before it begins is none");
  } else if (*first >= size) {
    must(got.what == http::selected::unsatisfiable, "a range beyond the end");
  } else {
    must(got.what == http::selected::part && got.offset == *first &&
             got.length == std::min(*last, size - 1) - *first + 1,
         "a range is what it says, cut at the file's end");
  }
}

}  // namespace

void try_range(std::string_view input) {
  const exact_copy bytes{input};
  auto rest = bytes.view();
  const http::representation file{.size = small_number(take_line(rest)).value_or(1'000),
                                  .etag = "\"0123456789abcdef\"",
                                  .modified = now - std::chrono::hours{24}};
  http::conditions asked;
  const auto fill = [&rest](std::optional<std::string>& field) {
    if (rest.empty()) return;
    if (const auto line = take_line(rest); !line.empty()) field = line;
  };
  fill(asked.range);
  fill(asked.if_range);
  fill(asked.if_none_match);
  fill(asked.if_modified_since);

  const auto got = http::select(asked, file, now);
  switch (got.what) {
    case http::selected::whole:
      must(got.offset == 0 && got.length == file.size, "the whole is all of it");
      break;
    case http::selected::part:
      must(asked.range.has_value(), "a part was asked for");
      must(got.length > 0 && got.offset < file.size && got.length <= file.size - got.offset,
           "a part lies within the file");
      break;
    case http::selected::unsatisfiable:
      must(asked.range.has_value(), "a range was asked for");
      break;
    case http::selected::not_modified:
      must(asked.if_none_match || asked.if_modified_since, "a condition was asked");
      break;
  }
  if (asked.range && !asked.if_range && !asked.if_none_match && !asked.if_modified_since) {
    check_single_range(*asked.range, file.size, got);
  }
  for (const auto& text : {asked.if_range, asked.if_modified_since}) {
    if (!text) continue;
    if (const auto date = parse_http_date(*text, now)) {
      must(parse_http_date(format_http_date(*date), now) == date,
           "a date survives being written and read again");
    }
  }
}

}  // namespace filemint::fuzz
