// Where link and basp_bridge meet: byte streams of links that stand, for CAF to take.
#pragma once

#include "core/unique_fd.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace filemint::actors {

// Thread safe. A stream that nobody takes closes with this.
class streams {
public:
  // An abstract unix address, on which CAF accepts connections of this process alone.
  struct door {
    sockaddr_un address{};
    socklen_t size = 0;
  };

  void open_door(const door& at) {
    const std::scoped_lock lock{mutex_};
    door_ = at;
  }
  // Nothing before the bridge has opened it.
  [[nodiscard]] std::optional<door> find_door() const {
    const std::scoped_lock lock{mutex_};
    return door_;
  }

  // A link that was dialled: the key that take() knows it by.
  std::string offer(std::uint64_t link, unique_fd stream) {
    const std::scoped_lock lock{mutex_};
    auto key = std::to_string(link);
    offered_[key] = std::move(stream);
    return key;
  }
  // Empty: there is none of that key any more.
  unique_fd take(const std::string& key) {
    const std::scoped_lock lock{mutex_};
    const auto found = offered_.extract(key);
    return found ? std::move(found.mapped()) : unique_fd{};
  }

private:
  mutable std::mutex mutex_;  // guards what follows
  std::optional<door> door_;
  std::map<std::string, unique_fd> offered_;
};

}  // namespace filemint::actors
