#include "core/watched_files.hpp"

#include <sys/stat.h>

namespace filemint {

void watched_files::take() {
  taken_ = seen_ = look();
}

bool watched_files::take_if_changed() {
  auto now = look();
  const bool still = std::exchange(seen_, now) == now;
  if (!still || now == taken_) return false;
  taken_ = std::move(now);
  return true;
}

watched_files::states watched_files::look() const {
  states found;
  for (const auto& file : files_) {
    struct stat told{};
    if (file.empty() || ::stat(file.c_str(), &told) != 0) {
      found.emplace_back();
      continue;
    }
    constexpr std::int64_t second = 1'000'000'000;
    found.push_back({.inode = told.st_ino,
                     .size = static_cast<std::uint64_t>(told.st_size),
                     .modified_ns = told.st_mtim.tv_sec * second + told.st_mtim.tv_nsec,
                     .changed_ns = told.st_ctim.tv_sec * second + told.st_ctim.tv_nsec});
  }
  return found;
}

}  // namespace filemint
