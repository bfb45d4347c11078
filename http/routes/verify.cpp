#include "http/routes/verify.hpp"

#include "api/percent.hpp"
#include "core/authenticate.hpp"
#include "core/file_path.hpp"
#include "http/routes/access.hpp"

#include <algorithm>

namespace filemint::http {

namespace {

constexpr std::string_view prefix = "/verify";

// What the client asked the proxy for.
struct original_request {
  std::string_view method, path, query;
};

std::optional<original_request> read_original(const request& head, verify_way way) {
  const bool by_envoy = head.path.size() > prefix.size();
  if (way == (by_envoy ? verify_way::nginx : verify_way::envoy)) return std::nullopt;
  if (by_envoy) {
    return original_request{head.method_text, head.path.substr(prefix.size()), head.query};
  }
  const auto target = head.sole_field("x-original-uri");
  const auto method = head.sole_field("x-original-method");
  if (!target || !method || !target->starts_with('/')) return std::nullopt;
  const auto path = target->substr(0, target->find('?'));
  return original_request{*method, path, target->substr(std::min(path.size() + 1, target->size()))};
}

// The fetch standard's question before a request across origins; Envoy passes it on as it came.
bool is_preflight(const request& head, verify_way way) noexcept {
  return way != verify_way::nginx && head.path.size() > prefix.size() &&
         head.method == verb::options && head.field("origin") &&
         head.field("access-control-request-method");
}

// The path of a URL, or of what is one already; without a '/' at its end.
std::string_view url_path(std::string_view url) noexcept {
  if (const auto scheme = url.find("://"); scheme != url.npos) {
    const auto slash = url.find('/', scheme + 3);
    url = slash == url.npos ? std::string_view{} : url.substr(slash);
  }
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

// What lies behind `base` and a '/'.
std::optional<std::string_view> below(std::string_view path, std::string_view base) noexcept {
  if (!path.starts_with(base) || path.size() == base.size() || path[base.size()] != '/')
    return std::nullopt;
  return path.substr(base.size() + 1);
}

// The path rules, on the encoded bytes: no proxy will take its segments for others. Nor a part of
// it for a fragment, which no target has (RFC 9112 §3.2).
bool is_unambiguous(std::string_view path) noexcept {
  if (path.contains('#')) return false;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (!file_path::make(segment)) return false;
    path.remove_prefix(segment.size());
  }
  return path.empty();
}

result<std::string> find_token(const request& head, std::string_view query) {
  auto in_query = token_in_query(query);
  if (!in_query) return std::unexpected(in_query.error());
  if (*in_query) return std::move(**in_query);
  const auto credential = bearer_credential(head.authorization.value_or(""));
  if (!credential) return fail(errc::unauthorized);
  return std::string(*credential);
}

result<void> check(const request& head, const core_view& view, verify_way way) {
  if (!view.can_tell_tokens()) return fail(errc::service_unavailable);
  if (is_preflight(head, way)) return {};
  const auto original = read_original(head, way);
  if (!original) return fail(errc::forbidden);
  const auto token = find_token(head, original->query);
  if (!token) return std::unexpected(token.error());
  const auto place = locate(original->path, view.settings);
  const auto good = check_token(*token, place ? place->source : std::string_view{}, view);
  if (!good) return std::unexpected(good.error());
  if (!place || !opens(*good, original->method, place->source, place->path, view.known))
    return fail(errc::forbidden);
  return {};
}

}  // namespace

std::optional<stored_place> locate(std::string_view target_path, const config& settings) {
  if (!is_unambiguous(target_path)) return std::nullopt;
  const source_config* longest = nullptr;
  std::string_view encoded;
  for (const auto& source : settings.sources) {
    if (!source.has_our_tokens()) continue;
    const auto base = source.public_url.empty() ? "/files/" + source.name
                                                : std::string(url_path(source.public_url));
    const auto rest = below(target_path, base);
    if (rest && (!longest || rest->size() < encoded.size())) {
      longest = &source;
      encoded = *rest;
    }
  }
  if (!longest) return std::nullopt;
  auto path = api::percent_decode(encoded);
  if (!path || !file_path::make(*path)) return std::nullopt;
  return stored_place{longest->name, std::move(*path)};
}

reply verify(const request& head, const core_view& view, verify_way way) {
  const auto checked = check(head, view, way);
  auto r =
      checked ? success_reply(R"({"message":"Access granted."})") : error_reply(checked.error());
  r.fields += "Cache-Control: no-store\r\n";
  return r;
}

}  // namespace filemint::http
