#include "src/cli/write_file.hpp"

#include "core/unique_fd.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace filemint::cli {
namespace {

std::unexpected<error> system_said_no(const std::filesystem::path& path, int why) {
  return fail(why == EEXIST ? errc::conflict : errc::io_failed,
              path.string() + ": " + std::generic_category().message(why));
}

}  // namespace

result<void> write_new_secret(const std::filesystem::path& path, const secret& text) {
  const unique_fd file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file) return system_said_no(path, errno);
  std::string end = "\n";
  const auto bytes = text.reveal();
  const iovec parts[] = {{const_cast<char*>(bytes.data()), bytes.size()}, {end.data(), end.size()}};
  const auto written = ::writev(file.get(), parts, 2);
  if (written == static_cast<ssize_t>(bytes.size() + 1) && ::fsync(file.get()) == 0) return {};
  const int why = written < 0 ? errno : ENOSPC;
  ::unlink(path.c_str());
  return system_said_no(path, why);
}

}  // namespace filemint::cli
