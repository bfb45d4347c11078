// One HTTP/1.1 request over a connection of its own, plain or TLS with certificate and name
// checked. Every wait ends after 30 s of silence. Redirects are not followed. For the CLI: it
// blocks.
#pragma once

#include "core/result.hpp"
#include "src/cli/url.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::cli {

struct http_call {
  url where;
  std::string_view bearer = {};  // sent as `Authorization: Bearer`; empty: no such field
  std::string json_body = {};    // POST with it; empty: GET
};

struct http_head {
  unsigned status = 0;
  std::optional<std::uint64_t> length;  // of the body, where the answer tells it
};

// Takes a piece of the body; an error ends the call with that error.
using body_sink = std::function<result<void>(const http_head&, std::string_view)>;

// io_failed: no connection, silence, or an answer that ends early.
[[nodiscard]] result<http_head> call(const http_call& asked, const body_sink& sink);

}  // namespace filemint::cli
