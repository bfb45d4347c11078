// Whether a core of this process can be written. It would hold API keys, the master key and the
// keys that sign.
#pragma once

namespace filemint {

// For the whole process, before it has read a secret: it is not dumpable (prctl(2)), and
// RLIMIT_CORE is 0. So no process of its own user can trace it or read its /proc/PID/environ, mem
// and fd any more; root still can.
void forbid_core_dumps() noexcept;

// Takes that back, and lifts RLIMIT_CORE to its hard limit.
void allow_core_dumps() noexcept;

}  // namespace filemint
