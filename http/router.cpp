#include "http/router.hpp"

#include <array>
#include <cstddef>

namespace filemint::http {

namespace {

enum class match : std::uint8_t {
  whole,   // the path itself
  below,   // what lies behind the path and a '/'
  either,  // both
};

enum class methods : std::uint8_t { get, post, any };  // HEAD goes wherever GET goes

struct entry {
  port_kind port;
  std::string_view path;
  match how;
  methods allowed;
  endpoint where;
  std::string_view name;
  route_scope scope = 0;
};

constexpr std::array table{
    entry{port_kind::client, "/api/v1/file-access", match::whole, methods::post, endpoint::mint,
          "file-access", scope_file_access},
    entry{port_kind::client, "/api/v1/access-tokens", match::whole, methods::post, endpoint::mint,
          "access-tokens", scope_access_tokens},
    entry{port_kind::client, "/files", match::below, methods::get, endpoint::files, "files"},
    entry{port_kind::client, "/verify", match::either, methods::any, endpoint::verify, "verify"},
    entry{port_kind::client, "/openapi.yaml", match::whole, methods::get, endpoint::openapi,
          "openapi"},
    entry{port_kind::client, "/docs", match::either, methods::get, endpoint::docs, "docs"},
    entry{port_kind::client, "/.well-known/jwks.json", match::whole, methods::get, endpoint::jwks,
          "jwks"},
    entry{port_kind::client, "/health", match::whole, methods::get, endpoint::health, "health",
          scope_health},
    entry{port_kind::admin, "/metrics", match::whole, methods::get, endpoint::metrics, "metrics"},
    entry{port_kind::admin, "/livez", match::whole, methods::get, endpoint::livez, "livez"},
    entry{port_kind::admin, "/readyz", match::whole, methods::get, endpoint::readyz, "readyz"},
    entry{port_kind::admin, "/cluster", match::whole, methods::get, endpoint::cluster, "cluster"},
};

bool matches(const entry& candidate, std::string_view path) noexcept {
  if (!path.starts_with(candidate.path)) return false;
  if (path.size() == candidate.path.size()) return candidate.how != match::below;
  return candidate.how != match::whole && path[candidate.path.size()] == '/';
}

bool allows(methods allowed, verb method) noexcept {
  switch (allowed) {
    case methods::get:
      return method == verb::get || method == verb::head;
    case methods::post:
      return method == verb::post;
    case methods::any:
      break;
  }
  return true;
}

}  // namespace

std::expected<route, route_refusal> find_route(const request& head, port_kind port) noexcept {
  for (const auto& candidate : table) {
    if (candidate.port != port || !matches(candidate, head.path)) continue;
    if (!allows(candidate.allowed, head.method)) {
      return std::unexpected(
          route_refusal{errc::method_not_allowed, candidate.name,
                        candidate.allowed == methods::get ? "GET, HEAD" : "POST"});
    }
    const bool deeper = head.path.size() > candidate.path.size();
    const auto rest = deeper ? head.path.substr(candidate.path.size() + 1) : std::string_view{};
    return route{candidate.where, candidate.name, candidate.scope, rest};
  }
  return std::unexpected(route_refusal{errc::endpoint_not_found, "other", {}});
}

}  // namespace filemint::http
