#include "src/signals.hpp"

#include <cerrno>
#include <ctime>

namespace filemint {

signals::signals() {
  sigemptyset(&awaited_);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&awaited_, each);
  pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int signals::wait() const {
  int which = 0;
  while (sigwait(&awaited_, &which) != 0) {
  }
  return which;
}

bool signals::end_asked() const {
  sigset_t ends{};
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  const timespec none{};
  return sigtimedwait(&ends, nullptr, &none) > 0;
}

}  // namespace filemint
