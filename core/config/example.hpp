// Configuration files as text, every key with a comment, written from the schema that the loader
// reads by.
#pragma once

#include "core/config/config.hpp"

#include <string>

namespace filemint {

// What `filemint config example` prints: the defaults, and the two sources magikarp (the default)
// and betaimages.
[[nodiscard]] std::string config_example();

// A complete file with these values; parse_config reads it back to the same ones.
[[nodiscard]] std::string write_config(const config& values);

}  // namespace filemint
