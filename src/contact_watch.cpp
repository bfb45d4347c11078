#include "src/contact_watch.hpp"

#include <chrono>

namespace filemint {

void contact_watch::look() {
  const bool now = is_isolated_(mono_clock::now());
  if (std::exchange(isolated_, now) != now) told_(now);
  timer_.expires_after(std::chrono::milliseconds{250});
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) look();
  });
}

}  // namespace filemint
