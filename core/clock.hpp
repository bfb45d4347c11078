// Two kinds of time that never mix: wall time stands in tokens and answers, monotonic time drives
// windows, deadlines and phases. A rule takes the time as an argument; only the outermost code
// calls now().
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace filemint {

using wall_time = std::chrono::sys_seconds;
using mono_clock = std::chrono::steady_clock;
using mono_time = mono_clock::time_point;

struct instant {
  wall_time wall;
  mono_time mono;
};

[[nodiscard]] inline wall_time wall_now() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME_COARSE, &t);  // to the kernel's tick, at a quarter of the cost
  return wall_time{std::chrono::seconds{t.tv_sec}};
}

[[nodiscard]] inline instant now() {
  return {wall_now(), mono_clock::now()};
}

[[nodiscard]] inline std::int64_t unix_seconds(wall_time t) {
  return t.time_since_epoch().count();
}

// RFC 3339 in UTC, whole seconds: 2026-01-01T00:05:00Z.
[[nodiscard]] std::string rfc3339(wall_time t);
// The same with or without a fraction of a second, which is dropped. Nothing for all else, offsets
// from UTC too.
[[nodiscard]] std::optional<wall_time> parse_rfc3339(std::string_view text);

}  // namespace filemint
