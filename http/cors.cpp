#include "http/cors.hpp"

#include "http/append_field.hpp"

#include <algorithm>

namespace filemint::http {
namespace {

constexpr std::string_view readable_fields =
    "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit-Policy, "
    "RateLimit, Retry-After, WWW-Authenticate, Accept-Ranges, Content-Range, ETag";
constexpr std::string_view sendable_fields =
    "Authorization, Content-Type, X-Request-Id, Range, If-Range, If-Match, If-None-Match, "
    "If-Modified-Since, If-Unmodified-Since";

// Compared as bytes: a browser writes an origin in one way.
std::optional<std::string_view> allowed_origin(const request& head, const cors_config& allowed) {
  if (allowed.origins.empty()) return std::nullopt;
  const auto origin = head.sole_field("origin");
  if (!origin || std::ranges::find(allowed.origins, *origin) == allowed.origins.end()) {
    return std::nullopt;
  }
  return origin;
}

}  // namespace

std::string cors_fields(const request& head, const cors_config& allowed) {
  std::string fields;
  if (allowed.origins.empty()) return fields;
  append_field(fields, "Vary", "Origin");
  if (const auto origin = allowed_origin(head, allowed)) {
    append_field(fields, "Access-Control-Allow-Origin", *origin);
    append_field(fields, "Access-Control-Expose-Headers", readable_fields);
  }
  return fields;
}

std::optional<reply> answer_preflight(const request& head, std::string_view methods,
                                      const cors_config& allowed) {
  if (head.method != verb::options || !allowed_origin(head, allowed) ||
      !head.field("access-control-request-method")) {
    return std::nullopt;
  }
  reply r;
  r.status = 204;
  r.content_type = {};
  append_field(r.fields, "Access-Control-Allow-Methods", methods);
  append_field(r.fields, "Access-Control-Allow-Headers", sendable_fields);
  append_field(r.fields, "Access-Control-Max-Age", std::to_string(allowed.max_age.count()));
  return r;
}

}  // namespace filemint::http
