// Looks into the certificates, keys and authorities that a configuration names, as `serve` does
// when it starts, and serves nothing.
#pragma once

#include "core/config/load.hpp"

#include <string>
#include <vector>

namespace filemint::cli {

// A problem for each file that `serve` would refuse, and for each pair that does not belong
// together; `file`: the configuration's name. Reads files. Thread safe.
[[nodiscard]] std::vector<config_problem> find_tls_problems(const config& values,
                                                            const std::string& file);

}  // namespace filemint::cli
