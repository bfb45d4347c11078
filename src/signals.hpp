// The process's signals, awaited by its main thread: no handler runs anywhere.
#pragma once

#include <csignal>
#include <optional>

namespace filemint {

// Blocks SIGINT, SIGTERM and SIGHUP for this thread and those that it starts; ignores SIGPIPE. Make
// one before the first thread.
class signals {
public:
  signals();
  // Waits for the next of them.
  [[nodiscard]] int wait() const;
  // True when SIGINT or SIGTERM has come. Never waits.
  [[nodiscard]] bool end_asked() const;

private:
  sigset_t awaited_{};
};

}  // namespace filemint
