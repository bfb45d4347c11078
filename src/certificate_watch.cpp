#include "src/certificate_watch.hpp"

#include "core/clock.hpp"

#include <string>
#include <utility>

namespace filemint {

certificate_watch::certificate_watch(std::vector<watched_certificate> all, http::log& log)
    : all_(std::move(all)),
      log_(log),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void certificate_watch::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    wake_.wait_for(lock, stop, interval, [] { return false; });
    if (stop.stop_requested()) return;
    for (const auto& each : all_) {
      if (const auto done = each.look()) tell(each, *done);
    }
  }
}

void certificate_watch::reload() {
  for (const auto& each : all_) tell(each, each.reload());
}

void certificate_watch::tell(const watched_certificate& which, const result<void>& done) {
  if (!done) {
    return log_.error("the certificate was not read anew: " + done.error().message,
                      {{"listener", which.name}});
  }
  const auto expires = rfc3339(which.expires());
  log_.info("the certificate was read anew", {{"listener", which.name}, {"expires", expires}});
}

}  // namespace filemint
