#include "http/labels.hpp"

#include "api/error_catalogue.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace filemint::http {
namespace {

constexpr std::array<std::string_view, 13> routes{
    "file-access", "access-tokens", "files", "verify", "openapi", "docs", "jwks",
    "health",      "metrics",       "livez", "readyz", "cluster", "other"};

constexpr auto client_errors = static_cast<std::size_t>(errc::gateway_timeout) + 1;

const std::array<std::string_view, client_errors + 1>& codes() {
  static const auto all = [] {
    std::array<std::string_view, client_errors + 1> made{"OK"};
    for (std::size_t i = 0; i < client_errors; ++i)
      made[i + 1] = api::catalogue(static_cast<errc>(i)).code;
    return made;
  }();
  return all;
}

}  // namespace

metrics::dimensions metric_labels(const config& settings) {
  metrics::dimensions labels;
  labels.routes.assign(routes.begin(), routes.end());
  labels.codes.assign(codes().begin(), codes().end());
  for (const auto& source : settings.sources) labels.backends.push_back(source.name);
  return labels;
}

std::size_t route_label(std::string_view route) noexcept {
  const auto at = std::ranges::find(routes, route);
  return at == routes.end() ? routes.size() - 1 : static_cast<std::size_t>(at - routes.begin());
}

std::size_t code_label(std::string_view code) noexcept {
  const auto at = std::ranges::find(codes(), code);
  constexpr auto internal = static_cast<std::size_t>(errc::internal_server_error) + 1;
  return at == codes().end() ? internal : static_cast<std::size_t>(at - codes().begin());
}

}  // namespace filemint::http
