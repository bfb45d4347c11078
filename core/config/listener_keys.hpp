// The part of core/config/schema.hpp's table that tells where a node listens.
#pragma once

#include "core/config/kinds.hpp"

namespace filemint {

// The section `admin`.
void add_admin_keys(keys<config>& k);

}  // namespace filemint
