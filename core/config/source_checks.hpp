// What of the sources' settings can't be true together.
#pragma once

#include "core/config/contradictions.hpp"

#include <vector>

namespace filemint {

void check_sources(const std::vector<source_config>& sources, config_notes& notes);

}  // namespace filemint
