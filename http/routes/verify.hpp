// /verify: what an edge proxy asks before it serves a file. nginx's auth_request names the original
// request in X-Original-URI and X-Original-Method; Envoy's ext_authz puts the original target
// behind /verify and keeps its method.
#pragma once

#include "core/config/listener_config.hpp"
#include "http/core_view.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

// 200, or 401 or 403 whatever is wrong, since proxies turn any other status into 500; 503 only
// while nothing is loaded. What is asked by a way that the listener does not answer is 403.
[[nodiscard]] reply verify(const request& head, const core_view& view,
                           verify_way way = verify_way::both);

struct stored_place {
  std::string_view source;  // of the configuration
  std::string path;         // decoded
};

// The stored file that a target's path names, by the longest public_url that it begins with (hosts
// don't count; /files/{source}/ where none is configured). Nothing where a proxy could read the
// target otherwise: what breaks the path rules, or lies under no source.
[[nodiscard]] std::optional<stored_place> locate(std::string_view target_path,
                                                 const config& settings);

}  // namespace filemint::http
