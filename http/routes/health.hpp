// GET /health: whether this node's components work, for whoever has an API key.
#pragma once

#include "http/core_view.hpp"
#include "http/health_monitor.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

namespace filemint::http {

// Credentials are checked at once, on the caller's thread. 503 names the components that are down
// in details.services. `head` and `view` are not looked at any more once this returns.
void serve_health(const request& head, const core_view& view, health_monitor& monitor,
                  respond answer);

}  // namespace filemint::http
