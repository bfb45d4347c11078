// The name of a listening unix socket in the file system.
#pragma once

#include "core/result.hpp"

#include <sys/types.h>

#include <filesystem>

namespace filemint::http {

// Removes the name at its end, if it still is the one that it was made for. Move-only.
class socket_file {
public:
  socket_file() = default;
  // Of a socket that is bound to `path`.
  explicit socket_file(std::filesystem::path path);
  socket_file(socket_file&& other) noexcept;
  socket_file& operator=(socket_file&& other) noexcept;
  ~socket_file() { remove(); }

  void remove() noexcept;

  // Before a bind: a name that nobody listens at any more is removed. Errors: conflict (somebody
  // does, or it is no socket), io_failed; each says why, without the path.
  [[nodiscard]] static result<void> make_room(const std::filesystem::path& path);

private:
  std::filesystem::path path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace filemint::http
