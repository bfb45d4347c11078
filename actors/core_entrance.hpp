// Where a core's sessions send their calls.
#pragma once

#include "actors/interfaces.hpp"

namespace filemint::actors {

// Read on the core's own thread, on which the supervisor writes it.
struct core_entrance {
  front_end_actor front_end;
  dispatcher_actor dispatcher;  // for a call that was admitted before its body was there
  limiter_actor limiter;        // for a call that no window counts
  auth_actor auth;              // no session's: the front-end sends to it
  quota_relay_actor relay;      // no session's: what other nodes say goes there, on its core
};

}  // namespace filemint::actors
