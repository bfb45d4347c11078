// Percent-encoding (RFC 3986 §2.1) of file paths and query parameters. Pure functions, thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::api {

// What stays as it is.
enum class kept_bytes : std::uint8_t {
  path,             // '/' and what a segment may hold (pchar without escapes, RFC 3986 §3.3)
  unreserved_path,  // '/' and what is unreserved (RFC 3986 §2.3): AWS SigV4's URIs
  unreserved        // without the '/': what stands in a query
};

// A file path as a URL's path, or a value of a query: every byte that is not kept becomes %XX.
// percent_encode writes percent_encoded_size bytes and returns the end.
[[nodiscard]] std::size_t percent_encoded_size(std::string_view text,
                                               kept_bytes kept = kept_bytes::path) noexcept;
char* percent_encode(std::string_view text, char* out, kept_bytes kept = kept_bytes::path) noexcept;
[[nodiscard]] std::string percent_encode(std::string_view text, kept_bytes kept = kept_bytes::path);

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
