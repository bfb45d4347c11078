#include "http/probe_answer.hpp"

#include "core/http_date.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

namespace filemint::http {
namespace {

using metrics::probe_end;
using namespace std::chrono_literals;

probe_end end_of(actors::fetch_fault fault) noexcept {
  switch (fault) {
    case actors::fetch_fault::timed_out:
      return probe_end::late;
    case actors::fetch_fault::busy:
      return probe_end::not_made;
    case actors::fetch_fault::unreachable:
    case actors::fetch_fault::untrusted:
    case actors::fetch_fault::broken:
      break;
  }
  return probe_end::failed;
}

probe_end end_of(unsigned status) noexcept {
  if (status >= 200 && status < 300) return probe_end::exists;
  switch (status) {
    case 404:
      return probe_end::missing;
    case 403:
      return probe_end::forbidden;
    case 429:
    case 498:
    case 503:
      return probe_end::throttled;
    default:
      return status >= 500 ? probe_end::failed : probe_end::rejected;
  }
}

// RFC 9110 §10.2.3: seconds, or a date.
std::chrono::seconds read_retry_after(std::string_view field, wall_time now) {
  std::chrono::seconds wait{1};
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), count);
  if (error == std::errc{} && end == field.data() + field.size()) {
    wait = std::chrono::seconds{count};
  } else if (const auto date = parse_http_date(field, now)) {
    wait = *date - now;
  }
  return std::clamp<std::chrono::seconds>(wait, 1s, 24h);
}

}  // namespace

probe_answer read_probe_answer(const actors::fetch_outcome& answered, wall_time now) {
  if (!answered) return {.how = end_of(answered.error())};
  probe_answer read{.how = end_of(answered->status)};
  // Azure's, which tells it from a blob that is missing.
  if (read.how == probe_end::missing && answered->field("x-ms-error-code") == "ContainerNotFound") {
    read.how = probe_end::rejected;
  }
  if (read.how == probe_end::throttled) {
    read.retry_after = read_retry_after(answered->field("Retry-After"), now);
  }
  if (const auto date = parse_http_date(answered->field("Date"), now)) {
    read.clock_skew = *date - now;
  }
  return read;
}

call_end end_of_call(probe_end how) noexcept {
  switch (how) {
    case probe_end::failed:
    case probe_end::late:
      return call_end::bad;
    case probe_end::throttled:
    case probe_end::not_made:
      return call_end::unknown;
    case probe_end::exists:
    case probe_end::missing:
    case probe_end::forbidden:
    case probe_end::rejected:
      return call_end::good;
  }
  std::unreachable();
}

}  // namespace filemint::http
