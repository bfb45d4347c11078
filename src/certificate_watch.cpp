#include "src/certificate_watch.hpp"

#include "core/clock.hpp"

#include <string>
#include <utility>

namespace filemint {

certificate_watch::certificate_watch(std::vector<http::tls_server*> servers, http::log& log)
    : servers_(std::move(servers)),
      log_(log),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void certificate_watch::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    wake_.wait_for(lock, stop, interval, [] { return false; });
    if (stop.stop_requested()) return;
    for (auto* each : servers_) {
      if (const auto done = each->look()) tell(*each, *done);
    }
  }
}

void certificate_watch::reload() {
  for (auto* each : servers_) tell(*each, each->reload());
}

void certificate_watch::tell(const http::tls_server& server, const result<void>& done) {
  if (!done) {
    return log_.error("the certificate was not read anew: " + done.error().message,
                      {{"listener", server.name()}});
  }
  const auto expires = rfc3339(server.expires());
  log_.info("the certificate was read anew", {{"listener", server.name()}, {"expires", expires}});
}

}  // namespace filemint
