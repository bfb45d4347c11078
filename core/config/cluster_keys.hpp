// The keys of `cluster`, and what does not go together in it. Parts of core/config/schema.hpp and
// core/config/contradictions.hpp.
#pragma once

#include "core/config/contradictions.hpp"
#include "core/config/kinds.hpp"

#include <string_view>

namespace filemint {

void add_cluster_keys(keys<config>& k);
void check_cluster(const cluster_config& cluster, config_notes& notes);

// A node's name: a DNS name in lower case, as certificates carry them.
[[nodiscard]] bool is_node_name(std::string_view text);

}  // namespace filemint
