// The admin port: /metrics, /livez, /readyz, /cluster.
#pragma once

#include "core/secret.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

#include <functional>
#include <memory>
#include <string>

namespace filemint::http {

// All may be called on any thread.
struct admin_hooks {
  std::function<std::string()> metrics;  // the Prometheus text format, version 0.0.4
  std::function<bool()> ready;  // keys and revocations are loaded, and the node does not drain
  // What /metrics and /cluster ask for; null: nothing. It may be another one the next time.
  std::function<std::shared_ptr<const secret>()> token;
  std::function<std::string()> cluster = {};  // the peers, as JSON; none: there is no cluster
};

// /livez is 200 while the process answers at all; /readyz is 503 while it should get no requests.
// With a token /metrics and /cluster are 401 without it; the two probes are asked by who carries
// none.
[[nodiscard]] reply serve_admin(endpoint where, const request& head, const admin_hooks& hooks);

}  // namespace filemint::http
