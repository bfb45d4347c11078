// An http or https URL, as far as a client needs to understand it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace filemint::cli {

struct url {
  bool tls = false;
  std::string host;    // without an IPv6 address's brackets
  std::string port;    // the scheme's own where none is written
  std::string target;  // path and query, beginning with '/'

  // Nothing for other schemes, user names, fragments, and bytes that don't belong in a URL.
  [[nodiscard]] static std::optional<url> parse(std::string_view text);

  // What Host says: the port only where it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
};

}  // namespace filemint::cli
