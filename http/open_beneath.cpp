#include "http/open_beneath.hpp"

#include "core/unique_fd.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace filemint::http {

int open_beneath(int root, const char* path, std::uint64_t flags) noexcept {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0;; ++tries) {
    const auto fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
    // EAGAIN: the kernel can't tell whether a rename led out of the root meanwhile.
    if (fd >= 0 || tries == 8 || (errno != EAGAIN && errno != EINTR)) return static_cast<int>(fd);
  }
}

errc open_error(int error) noexcept {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case ENAMETOOLONG:
    case ELOOP:   // of symlinks, or one of /proc's
    case EXDEV:   // leaves the root
    case EINVAL:  // a name that this file system does not take
    case EILSEQ:  // the same, for its encoding
      return errc::resource_not_found;
    default:
      return errc::service_unavailable;
  }
}

bool root_stands(int root) noexcept {
  const unique_fd entered(open_beneath(root, ".", O_RDONLY | O_DIRECTORY));
  struct stat about{};
  return entered && ::fstat(entered.get(), &about) == 0 && about.st_nlink != 0;  // 0: removed
}

}  // namespace filemint::http
