// The configuration that a subcommand works by.
#pragma once

#include "core/config/config.hpp"
#include "src/cli/outcome.hpp"

#include <filesystem>

namespace filemint::cli {

// One line tells the first problem and how many more there are.
[[nodiscard]] outcome<config> read_configuration(const std::filesystem::path& path);

}  // namespace filemint::cli
