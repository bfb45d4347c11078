// What of a source's credentials can't be true together.
#pragma once

#include "core/config/contradictions.hpp"

#include <string>

namespace filemint {

// `key`: of the source, sources[0].
void check_credentials(const source_config& source, const std::string& key, config_notes& notes);

}  // namespace filemint
