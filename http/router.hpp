// Which route a request goes to: a pure table of methods and paths. The path is matched as sent,
// neither decoded nor normalised.
#pragma once

#include "core/error.hpp"
#include "core/route_scope.hpp"
#include "http/request.hpp"

#include <cstdint>
#include <expected>
#include <string_view>

namespace filemint::http {

enum class endpoint : std::uint8_t {
  mint,
  files,
  verify,
  openapi,
  docs,
  jwks,
  health,
  metrics,
  livez,
  readyz,
  cluster
};

enum class port_kind : std::uint8_t { client, admin };

struct route {
  endpoint where;
  std::string_view name;  // the label in metrics and the access log; static storage
  route_scope scope = 0;  // what an API key must be scoped to; 0: the route takes no API key
  std::string_view rest;  // of the path, behind the route's own prefix; still percent-encoded
};

struct route_refusal {
  errc code;               // endpoint_not_found or method_not_allowed
  std::string_view name;   // as above; "other" for an unknown path
  std::string_view allow;  // with method_not_allowed: the Allow field's value
};

// Thread safe.
[[nodiscard]] std::expected<route, route_refusal> find_route(const request& head,
                                                             port_kind port) noexcept;

}  // namespace filemint::http
