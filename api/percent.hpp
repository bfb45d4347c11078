// Percent-encoding (RFC 3986 §2.1) of file paths and query parameters. Pure functions, thread safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::api {

// A file path as a URL's path: '/' and what a segment may hold (pchar without escapes, RFC 3986
// §3.3) stay as they are, every other byte becomes %XX. percent_encode writes percent_encoded_size
// bytes and returns the end.
[[nodiscard]] std::size_t percent_encoded_size(std::string_view path) noexcept;
char* percent_encode(std::string_view path, char* out) noexcept;
[[nodiscard]] std::string percent_encode(std::string_view path);

// Decodes exactly once; '+' is a plus. Nothing when a '%' is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

enum class parameter_count { none, one, repeated, malformed };

struct query_parameter {
  parameter_count count = parameter_count::none;
  std::string value;  // decoded; of one alone
};

// `query` is what stands behind '?', still encoded. Names are compared decoded, so an escape hides
// no repetition. malformed: it is there once, and its value cannot be decoded. A pair without '='
// has the empty value.
[[nodiscard]] query_parameter find_query_parameter(std::string_view query, std::string_view name);

}  // namespace filemint::api
