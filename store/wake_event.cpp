#include "store/wake_event.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <tuple>

namespace filemint::store {

wake_event::wake_event() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

wake_event::~wake_event() {
  ::close(fd_);
}

void wake_event::set() noexcept {
  constexpr std::uint64_t one = 1;
  std::ignore = ::write(fd_, &one, sizeof one);
}

void wake_event::clear() noexcept {
  std::uint64_t count;
  std::ignore = ::read(fd_, &count, sizeof count);
}

}  // namespace filemint::store
