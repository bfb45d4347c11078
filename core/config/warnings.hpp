// What a configuration may say and most operators would not mean. Thread safe.
#pragma once

#include "core/config/config.hpp"

#include <string>
#include <vector>

namespace filemint {

// Each a sentence that begins with its key.
[[nodiscard]] std::vector<std::string> config_warnings(const config& values);

}  // namespace filemint
