// Dates in HTTP (RFC 9110 §5.6.7).
#pragma once

#include "core/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace filemint {

// IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT. Always 29 bytes.
[[nodiscard]] std::string format_http_date(wall_time t);

// IMF-fixdate, or one of the two obsolete forms; a two-digit year more than 50 years after `now` is
// of the century before. Nothing when it is none of them.
[[nodiscard]] std::optional<wall_time> parse_http_date(std::string_view text, wall_time now);

// The current date's text, made anew when the second changes. Not thread safe: one a core.
class date_cache {
public:
  [[nodiscard]] std::string_view at(wall_time now) {
    if (now != second_ || text_.empty()) {
      text_ = format_http_date(now);
      second_ = now;
    }
    return text_;
  }

private:
  wall_time second_{};
  std::string text_;
};

}  // namespace filemint
