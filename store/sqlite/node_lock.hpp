// That one node at most serves from a store: a lock on a file beside it, which ends with the
// process however it ends.
#pragma once

#include "core/result.hpp"

#include <filesystem>
#include <utility>

namespace filemint::store {

class node_lock {
public:
  // Holds PATH.lock. Errors: conflict (another node has it), io_failed.
  [[nodiscard]] static result<node_lock> acquire(const std::filesystem::path& store);

  node_lock(node_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  node_lock& operator=(node_lock&&) = delete;
  ~node_lock();

private:
  explicit node_lock(int fd) noexcept : fd_(fd) {}
  int fd_;
};

}  // namespace filemint::store
