// What can go wrong, as a value. Functions return result<T> (core/result.hpp); exceptions end at
// the library that throws them. An error never carries a secret: not in its message, not in its
// details.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace filemint {

// The first block is what a client can be told: api/error_catalogue gives each its code, status and
// message. The second block is what an operator can be told, by the CLI or at the start.
enum class errc : std::uint8_t {
  missing_required_field,
  invalid_payload,
  bad_request,
  unauthorized,
  invalid_api_key,
  expired_api_key,
  invalid_access_token,
  expired_access_token,
  forbidden,
  resource_not_found,
  endpoint_not_found,
  method_not_allowed,
  range_not_satisfiable,
  unprocessable_entity,
  rate_limit_exceeded,
  throttled,
  internal_server_error,
  service_unavailable,
  gateway_timeout,

  invalid_argument,  // the caller's words are off
  not_found,         // no such company, key, grant, file
  conflict,          // it exists already, or is held by another process
  wrong_key,         // sealed bytes that this master key does not open
  store_failed,      // the store said no: the message tells what it said
  store_full,        // no room on the disk
  store_too_new,     // the schema asks for a newer binary
  io_failed,         // the system said no
};

// One member of the envelope's `details`: {"name": value}.
struct error_detail {
  std::string_view name;  // a literal
  std::variant<std::int64_t, std::string, std::vector<std::string>> value;
};

struct error {
  errc code = errc::internal_server_error;
  std::string message = {};  // empty: the catalogue's own
  std::vector<error_detail> details = {};

  explicit error(errc c, std::string text = {}, std::vector<error_detail> more = {})
      : code(c), message(std::move(text)), details(std::move(more)) {}
};

}  // namespace filemint
