#include "src/cli/download_folder.hpp"

#include "core/crypto/random.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace filemint::cli {
namespace {

std::unexpected<error> system_said_no(std::string_view path, int why) {
  const auto reason = why == EXDEV ? "a symbolic link leads out of the folder"
                                   : std::generic_category().message(why);
  return fail(errc::io_failed, std::string{path} + ": " + reason);
}

// A folder beneath `root`, by openat2(2): nothing on the way leads out of it.
unique_fd open_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = O_DIRECTORY | O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return unique_fd{static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how))};
}

// The folder that `path` lies in, made segment by segment.
result<unique_fd> make_folders(int root, std::string_view path) {
  auto folder = open_beneath(root, ".");
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    const std::string way{path.substr(0, slash)};
    const auto name = way.substr(way.rfind('/') + 1);
    if (::mkdirat(folder.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
      return system_said_no(way, errno);
    }
    folder = open_beneath(root, way);
    if (!folder) return system_said_no(way, errno);
  }
  return folder;
}

}  // namespace

download::download(unique_fd folder, unique_fd file, std::string interim, std::string name)
    : folder_(std::move(folder)),
      file_(std::move(file)),
      interim_(std::move(interim)),
      name_(std::move(name)) {}

download::download(download&& other) noexcept
    : folder_(std::move(other.folder_)),
      file_(std::move(other.file_)),
      interim_(std::exchange(other.interim_, {})),
      name_(std::move(other.name_)) {}

download::~download() {
  if (!interim_.empty()) ::unlinkat(folder_.get(), interim_.c_str(), 0);
}

std::unexpected<error> download::failed(int why) const {
  return system_said_no(name_, why);
}

result<void> download::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

result<void> download::commit() {
  if (::renameat(folder_.get(), interim_.c_str(), folder_.get(), name_.c_str()) != 0) {
    return failed(errno);
  }
  interim_.clear();
  return {};
}

result<download_folder> download_folder::open(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  unique_fd root{::open(folder.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC)};
  if (!root) return system_said_no(folder.string(), problem ? problem.value() : errno);
  return download_folder{std::move(root)};
}

result<download> download_folder::begin(file_path path) const {
  auto folder = make_folders(root_.get(), path.bytes());
  if (!folder) return std::unexpected{std::move(folder.error())};
  std::string name{path.bytes().substr(path.bytes().rfind('/') + 1)};
  auto interim = ".filemint-" + random_base62(12);
  unique_fd file{::openat(folder->get(), interim.c_str(),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)};
  if (!file) return system_said_no(path.bytes(), errno);
  return download{std::move(*folder), std::move(file), std::move(interim), std::move(name)};
}

}  // namespace filemint::cli
