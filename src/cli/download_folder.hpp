// Downloaded files beneath one folder, whatever their paths and whatever symbolic links lie in it.
#pragma once

#include "core/file_path.hpp"
#include "core/result.hpp"
#include "core/unique_fd.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace filemint::cli {

// A file that is being written; it takes its place, and its predecessor's, at commit. Gone without
// a trace before.
class download {
public:
  download(download&& other) noexcept;
  download& operator=(download&&) = delete;
  ~download();

  [[nodiscard]] result<void> write(std::string_view bytes);
  [[nodiscard]] result<void> commit();

private:
  friend class download_folder;
  download(unique_fd folder, unique_fd file, std::string interim, std::string name);
  [[nodiscard]] std::unexpected<error> failed(int why) const;

  unique_fd folder_, file_;
  std::string interim_, name_;  // empty once it is in its place
};

class download_folder {
public:
  // Made where it is missing. io_failed.
  [[nodiscard]] static result<download_folder> open(const std::filesystem::path& folder);

  // Makes the folders on the way. io_failed: the system said no, or a symbolic link leads out.
  [[nodiscard]] result<download> begin(file_path path) const;

private:
  explicit download_folder(unique_fd root) noexcept : root_(std::move(root)) {}
  unique_fd root_;
};

}  // namespace filemint::cli
