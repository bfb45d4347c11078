// Runs a node in this process until a signal ends it.
#pragma once

#include "core/config/load.hpp"
#include "src/node.hpp"

#include <functional>
#include <optional>

namespace filemint {

// `started` is called once the node is ready; an exit code from it ends the node. Returns the
// process's exit code: SIGTERM and SIGINT drain, a second one ends at once; SIGHUP reloads what
// `read_anew` gives.
int run_node(config settings, const std::function<config_or_problems()>& read_anew,
             const std::function<std::optional<int>(node&)>& started);

}  // namespace filemint
