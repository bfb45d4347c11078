// The part of core/config/schema.hpp's table that tells of sources.
#pragma once

#include "core/config/source_config.hpp"

#include <string_view>

namespace filemint {

// 1 to 32 of a-z, 0-9, _ and -.
[[nodiscard]] bool is_source_name(std::string_view text) noexcept;

// Whether a source of that type has that key.
[[nodiscard]] bool is_of_type(std::string_view key, source_type type) noexcept;

}  // namespace filemint
