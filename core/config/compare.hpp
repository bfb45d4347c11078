// What a running node can take up of a configuration that was read anew. Thread safe.
#pragma once

#include "core/config/config.hpp"

#include <string>
#include <vector>

namespace filemint {

struct config_change {
  std::string key;  // mint.calls_per_minute, sources.magikarp.root
  // As a file would say them; empty where there is none, or it is secret.
  std::string from = {};
  std::string to = {};
  bool at_restart = false;  // not in force before a restart

  friend bool operator==(const config_change&, const config_change&) = default;
};

// The keys whose values differ: listeners by their places, then in the schema's order. Sources are
// told apart by their names; one that comes or goes is one change, sources.NAME, for a restart.
[[nodiscard]] std::vector<config_change> changes_between(const config& in_force,
                                                         const config& wanted);

// `wanted`, but what a running node cannot change is as it is in force: so are the sources there
// are, and their order. The two may contradict each other: find_contradictions.
[[nodiscard]] config changed_while_running(const config& in_force, const config& wanted);

}  // namespace filemint
