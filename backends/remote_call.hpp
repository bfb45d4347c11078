// An HTTP request to a storage or a cloud, and its answer: made and read here, carried elsewhere
// (actors/fetcher.hpp). Plain data.
#pragma once

#include "core/result.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::backends {

struct remote_origin {
  bool secure = true;  // TLS, its certificate checked for the host
  std::string host;    // a name or an address; IPv6 without brackets
  std::uint16_t port = 443;
  friend auto operator<=>(const remote_origin&, const remote_origin&) = default;
};

// From http(s)://HOST[:PORT], in lower case, as configurations have it. Errors: invalid_argument,
// with the text.
[[nodiscard]] result<remote_origin> read_origin(std::string_view url);

struct remote_field {
  std::string name, value;
};

struct remote_request {
  std::string method = "GET";
  remote_origin to;
  std::string target = "/";               // origin form, encoded
  std::vector<remote_field> fields = {};  // without Host, Connection and Content-Length
  std::string body = {};
};

struct remote_answer {
  unsigned status = 0;
  std::vector<remote_field> fields = {};
  std::string body = {};

  // The first field of that name, whatever its case; or nothing.
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept {
    const auto same = [](char a, char b) {
      const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
      return lower(a) == lower(b);
    };
    for (const auto& each : fields) {
      if (std::ranges::equal(each.name, name, same)) return each.value;
    }
    return {};
  }
};

}  // namespace filemint::backends
