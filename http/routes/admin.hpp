// The admin port: /metrics, /livez, /readyz.
#pragma once

#include "http/reply.hpp"
#include "http/router.hpp"

#include <functional>
#include <string>

namespace filemint::http {

// Both may be called on any thread.
struct admin_hooks {
  std::function<std::string()> metrics;  // the Prometheus text format, version 0.0.4
  std::function<bool()> ready;  // keys and revocations are loaded, and the node does not drain
};

// /livez is 200 while the process answers at all; /readyz is 503 while it should get no requests.
[[nodiscard]] reply serve_admin(endpoint where, const admin_hooks& hooks);

}  // namespace filemint::http
