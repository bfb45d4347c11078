#include "http/rate_fields.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace filemint::http {
namespace {

void append(std::string& out, std::string_view text, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(text).append(digits, end);
}

}  // namespace

void append_rate_fields(std::string& fields, const quota_admission& rate, instant now) {
  const auto wait = std::max<std::int64_t>(
      0, std::chrono::ceil<std::chrono::seconds>(rate.reset - now.mono).count());
  // The wall clock was read in whole seconds, so one more is never too early.
  const auto reset = static_cast<std::uint64_t>(unix_seconds(now.wall) + wait + 1);
  fields.reserve(fields.size() + 224);
  append(fields, "X-RateLimit-Limit: ", rate.limit);
  append(fields, "\r\nX-RateLimit-Remaining: ", rate.remaining);
  append(fields, "\r\nX-RateLimit-Reset: ", reset);
  const auto name = name_of(rate.category);
  fields.append("\r\nRateLimit-Policy: \"").append(name);
  append(fields, "\";q=", rate.limit);
  fields.append(";w=60\r\nRateLimit: \"").append(name);
  append(fields, "\";r=", rate.remaining);
  append(fields, ";t=", static_cast<std::uint64_t>(wait));
  fields += "\r\n";
}

}  // namespace filemint::http
