#include "api/error_catalogue.hpp"

#include <array>
#include <cstddef>

namespace filemint::api {
namespace {

struct row {
  errc code;
  catalogue_entry entry;
};

constexpr std::array table{
    row{errc::missing_required_field,
        {"MISSING_REQUIRED_FIELD", 400, "A required field is missing."}},
    row{errc::invalid_payload, {"INVALID_PAYLOAD", 400, "The request body is not valid."}},
    row{errc::bad_request, {"BAD_REQUEST", 400, "Bad request."}},
    row{errc::unauthorized, {"UNAUTHORIZED", 401, "Authentication is required."}},
    row{errc::invalid_api_key, {"INVALID_API_KEY", 401, "API key not found or not authorized."}},
    row{errc::expired_api_key, {"EXPIRED_API_KEY", 401, "The API key has expired."}},
    row{errc::invalid_access_token,
        {"INVALID_ACCESS_TOKEN", 401, "The access token is not valid."}},
    row{errc::expired_access_token, {"EXPIRED_ACCESS_TOKEN", 401, "The access token has expired."}},
    row{errc::forbidden, {"FORBIDDEN", 403, "Access to the resource is forbidden."}},
    row{errc::resource_not_found,
        {"RESOURCE_NOT_FOUND", 404, "The requested resource was not found."}},
    row{errc::endpoint_not_found, {"ENDPOINT_NOT_FOUND", 404, "No such endpoint."}},
    row{errc::method_not_allowed, {"METHOD_NOT_ALLOWED", 405, "HTTP method not allowed."}},
    row{errc::range_not_satisfiable,
        {"RANGE_NOT_SATISFIABLE", 416, "The requested range is outside the file."}},
    row{errc::unprocessable_entity,
        {"UNPROCESSABLE_ENTITY", 422, "The request is well-formed but cannot be served."}},
    row{errc::rate_limit_exceeded,
        {"RATE_LIMIT_EXCEEDED", 429, "Rate limit exceeded for this category. Try again later."}},
    row{errc::throttled, {"THROTTLED", 429, "Too many requests. Slow down and try again."}},
    row{errc::internal_server_error,
        {"INTERNAL_SERVER_ERROR", 500, "An unexpected server error occurred."}},
    row{errc::service_unavailable,
        {"SERVICE_UNAVAILABLE", 503, "Service is temporarily unavailable."}},
    row{errc::gateway_timeout, {"GATEWAY_TIMEOUT", 504, "Gateway timeout."}},
};

constexpr std::size_t index_of(errc code) {
  return static_cast<std::size_t>(code);
}

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (index_of(table[i].code) != i) return false;
  }
  return table.size() == index_of(errc::gateway_timeout) + 1;
}
static_assert(in_order(), "a row for each errc that a client can be told, in the order of errc");

}  // namespace

const catalogue_entry& catalogue(errc code) noexcept {
  const auto i = index_of(code);
  return table[i < table.size() ? i : index_of(errc::internal_server_error)].entry;
}

}  // namespace filemint::api
