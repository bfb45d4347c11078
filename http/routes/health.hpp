// GET /health: whether this node's components work, for whoever has an API key.
#pragma once

#include "core/authenticate.hpp"
#include "http/core_view.hpp"
#include "http/health_monitor.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

#include <functional>
#include <optional>

namespace filemint::http {

// Takes one call of that key's throttle and tells, on any thread: nothing, it passes; or when the
// next one does.
using throttle_check =
    std::function<void(const principal& who, std::function<void(std::optional<mono_time>)> done)>;

// Credentials are checked at once, on the caller's thread, and then the throttle. 503 names the
// components that are down in details.services. `head` and `view` are not looked at any more once
// this returns; the monitor must outlive the answer.
void serve_health(const request& head, const core_view& view, const throttle_check& throttle,
                  health_monitor& monitor, respond answer);

}  // namespace filemint::http
