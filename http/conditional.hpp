// What of a stored file a GET or HEAD gets: conditions (RFC 9110 §13) and ranges (§14). Pure
// functions, thread safe.
#pragma once

#include "core/clock.hpp"
#include "http/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

// Copies of the fields that decide.
struct conditions {
  std::optional<std::string> if_none_match = {};
  std::optional<std::string> if_modified_since = {};
  std::optional<std::string> if_range = {};
  std::optional<std::string> range = {};  // of a GET alone
};

[[nodiscard]] conditions conditions_of(const request& head);

struct representation {
  std::uint64_t size = 0;
  std::string etag;  // strong, with its quotes
  wall_time modified{};
};

enum class selected : std::uint8_t { whole, part, not_modified, unsatisfiable };

struct selection {
  selected what = selected::whole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of the body
};

// In the order of RFC 9110 §13.2.2. A field that is malformed is as good as absent, and so is a
// Range of several ranges: the whole file is the answer.
[[nodiscard]] selection select(const conditions& asked, const representation& file, wall_time now);

}  // namespace filemint::http
