// The PostgreSQL server that a run's tests share: the one that FILEMINT_TEST_POSTGRES leads to (a
// file that tests/tools/postgres_server.py wrote), or else one of this process, which ends with it.
#pragma once

#include <string>

namespace filemint::store {

struct postgres_place {
  std::string folder;  // of its unix socket and its certificates
  std::string port;
};

// Thread safety: one thread.
[[nodiscard]] const postgres_place& postgres_server();

}  // namespace filemint::store
