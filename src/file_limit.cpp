#include "src/file_limit.hpp"

#include <sys/resource.h>

#include <string>

namespace filemint {
namespace {

constexpr std::size_t spare_descriptors = 256;  // beside connections: store, logs, files being sent

// RLIMIT_NOFILE to its hard limit; returns it. Unlimited is the largest number.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

result<std::size_t> room_for_connections() {
  const auto limit = raise_descriptor_limit();
  if (limit > spare_descriptors) return limit - spare_descriptors;
  return fail(errc::io_failed, "the process may open " + std::to_string(limit) +
                                   " files, and a node keeps " + std::to_string(spare_descriptors) +
                                   " beside its connections: raise the hard limit (ulimit -Hn, "
                                   "LimitNOFILE=)");
}

}  // namespace filemint
