#include "store/sqlite/node_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace filemint::store {

result<node_lock> node_lock::acquire(const std::filesystem::path& store) {
  auto path = store;
  path += ".lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return fail(errc::io_failed,
                "can't open " + path.string() + ": " + std::generic_category().message(errno));
  }
  node_lock held(fd);
  // The file stays when the lock goes: were it removed, two nodes could each lock one of that name.
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return held;
  if (errno == EWOULDBLOCK) {
    return fail(errc::conflict,
                "another node serves from " + store.string() + ": one store takes one node");
  }
  return fail(errc::io_failed,
              "can't lock " + path.string() + ": " + std::generic_category().message(errno));
}

node_lock::~node_lock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace filemint::store
