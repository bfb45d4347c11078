// Ends a wait on file descriptors from another thread.
#pragma once

namespace filemint::store {

// Stays set until it is cleared. Thread safety: all functions may be called from any thread.
class wake_event {
public:
  // Throws std::system_error when the process has no file descriptor left.
  wake_event();
  wake_event(const wake_event&) = delete;
  wake_event& operator=(const wake_event&) = delete;
  ~wake_event();

  void set() noexcept;
  void clear() noexcept;
  // Can be read while it is set.
  [[nodiscard]] int fd() const noexcept { return fd_; }

private:
  int fd_;
};

}  // namespace filemint::store
