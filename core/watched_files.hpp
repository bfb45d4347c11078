// Files that are read anew when they change: whether they have, and stand still again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

namespace filemint {

// Not thread safe. It looks at files: not on an io thread.
class watched_files {
public:
  // An empty path is a file that is never there.
  explicit watched_files(std::vector<std::filesystem::path> files) : files_(std::move(files)) {}

  // They are about to be read, as they are now.
  void take();
  // As take(), and true, when they are others than were taken and have stood still since the last
  // look: a certificate and its key are seldom replaced at once.
  bool take_if_changed();

private:
  struct state {
    std::uint64_t inode = 0, size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;  // its owner and mode, too

    friend bool operator==(const state&, const state&) = default;
  };
  using states = std::vector<state>;
  [[nodiscard]] states look() const;

  std::vector<std::filesystem::path> files_;
  states taken_;
  states seen_;
};

}  // namespace filemint
