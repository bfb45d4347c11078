// A certificate whose files are watched.
#pragma once

#include "core/clock.hpp"
#include "http/log.hpp"
#include "src/file_watch.hpp"

#include <functional>
#include <optional>
#include <string>

namespace filemint {

struct watched_certificate {
  std::string name;  // of who shows it, for the log
  std::function<std::optional<result<void>>()> look;
  std::function<result<void>()> reload;
  std::function<wall_time()> expires;
};

// The log must outlive what it gives.
[[nodiscard]] inline read_from_files as_read(const watched_certificate& from, http::log& log) {
  const auto tell = [name = from.name, expires = from.expires, &log](const result<void>& done) {
    if (!done) {
      return log.error("the certificate was not read anew: " + done.error().message,
                       {{"listener", name}});
    }
    log.info("the certificate was read anew",
             {{"listener", name}, {"expires", rfc3339(expires())}});
  };
  return {.look = from.look, .reload = from.reload, .tell = tell};
}

}  // namespace filemint
