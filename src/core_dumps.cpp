#include "src/core_dumps.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace filemint {
namespace {

// The hard limit stays: without privileges it could not be lifted again.
void limit_core_size(bool to_none) noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = to_none ? 0 : limit.rlim_max;
  setrlimit(RLIMIT_CORE, &limit);
}

}  // namespace

// A core that goes to a pipe (core(5)) knows no RLIMIT_CORE of 0: "not dumpable" is what stops it.
void forbid_core_dumps() noexcept {
  prctl(PR_SET_DUMPABLE, 0);
  limit_core_size(true);
}

void allow_core_dumps() noexcept {
  prctl(PR_SET_DUMPABLE, 1);
  limit_core_size(false);
}

}  // namespace filemint
