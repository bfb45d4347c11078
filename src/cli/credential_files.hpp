// Reads the credentials that a configuration's sources on object stores name, as `serve` does when
// it starts, and signs nothing.
#pragma once

#include "core/config/load.hpp"

#include <string>
#include <vector>

namespace filemint::cli {

// A problem for each source whose credentials `serve` would refuse, at the first of its keys;
// `file`: the configuration's name. Reads files and the environment. Thread safe.
[[nodiscard]] std::vector<config_problem> find_credential_problems(const config& values,
                                                                   const std::string& file);

}  // namespace filemint::cli
