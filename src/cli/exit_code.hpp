// What filemint's exit code tells. `filemint --help` lists the same.
#pragma once

namespace filemint::cli {

enum class exit_code : int {
  done = 0,
  failed = 1,         // the network, a server's answer, a file
  usage = 2,          // the command line
  configuration = 3,  // the configuration file, or a secret that it refers to
  store = 4,          // the store can't be opened, read or written
  not_found = 5,      // no such company, key, grant, source
  conflict = 6,       // it exists already, or its state forbids it
};

inline constexpr const char* exit_code_help =
    "Exit codes: 0 done, 1 failed, 2 command line, 3 configuration, 4 store, 5 not found, 6 "
    "conflict.";

}  // namespace filemint::cli
