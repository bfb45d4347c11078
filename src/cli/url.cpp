#include "src/cli/url.hpp"

#include "core/config/scalar.hpp"

#include <algorithm>

namespace filemint::cli {

std::optional<url> url::parse(std::string_view text) {
  constexpr std::string_view plain = "http://", secure = "https://";
  url out;
  out.tls = text.starts_with(secure);
  if (!out.tls && !text.starts_with(plain)) return {};
  const bool strange = std::ranges::any_of(text, [](char c) {
    return c <= 0x20 || c >= 0x7f || std::string_view{"#\\\"<>"}.contains(c);
  });
  if (strange) return {};
  text.remove_prefix(out.tls ? secure.size() : plain.size());
  const auto end = std::min(text.find_first_of("/?"), text.size());
  const auto authority = text.substr(0, end);
  if (authority.contains('@')) return {};
  out.target = text.substr(end);
  if (!out.target.starts_with('/')) out.target.insert(0, "/");

  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && !authority.substr(colon).contains(']');
  const auto standard = std::string{out.tls ? "443" : "80"};
  const auto where = read_host_and_port(has_port ? std::string{authority}
                                                 : std::string{authority} + ":" + standard);
  if (!where || where->port == 0) return {};
  out.host = where->host;
  out.port = std::to_string(where->port);
  return out;
}

std::string url::authority() const {
  auto out = host.contains(':') ? "[" + host + "]" : host;
  if (port != (tls ? "443" : "80")) out += ":" + port;
  return out;
}

}  // namespace filemint::cli
