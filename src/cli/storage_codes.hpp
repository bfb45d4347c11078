// What the vendors' error codes mean for a source's configuration (AWS, "Error responses"; Azure,
// "Common REST API error codes" and "Blob service error codes"; Google Cloud, "HTTP status and
// error codes for XML"; OpenStack Swift's tempurl middleware, which has statuses alone). Pure.
#pragma once

#include "core/config/source_config.hpp"

#include <string_view>

namespace filemint::cli {

[[nodiscard]] bool says_no_such_file(source_type type, unsigned status,
                                     std::string_view code) noexcept;
// It may be a missing file that the storage does not want to tell of.
[[nodiscard]] bool says_no_permission(source_type type, std::string_view code) noexcept;
// Without which it does not.
[[nodiscard]] std::string_view permission_to_list(source_type type) noexcept;
// What to look at, never empty.
[[nodiscard]] std::string_view meaning_of(source_type type, unsigned status,
                                          std::string_view code) noexcept;

}  // namespace filemint::cli
