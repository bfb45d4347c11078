// The paths in a configuration.
#pragma once

#include "core/config/config.hpp"

#include <filesystem>

namespace filemint {

// Relative ones begin at `folder`, those of `file:` references too; {name} in those of a node's
// certificate stands for its name. An empty folder leaves relative ones as they are.
void resolve_paths(config& values, const std::filesystem::path& folder);

}  // namespace filemint
