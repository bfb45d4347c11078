// Options that several subcommands share.
#pragma once

#include "src/cli/outcome.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace filemint::cli {

// --config FILE, or FILEMINT_CONFIG.
CLI::Option* add_config_option(CLI::App& command, std::filesystem::path& path);

// --json: for programs.
CLI::Option* add_json_flag(CLI::App& command, bool& json);

// A folder of subcommands, one of which must be named.
CLI::App& add_family(CLI::App& app, std::string name, std::string description);

// A subcommand: `declare` names its options, `run` does it. Options live as long as the command.
template <class Options, class Chosen>
void add_command(CLI::App& parent, Chosen& chosen, std::string name, std::string description,
                 void (*declare)(CLI::App&, Options&), outcome<void> (*run)(const Options&)) {
  auto* command = parent.add_subcommand(std::move(name), std::move(description));
  auto options = std::make_shared<Options>();
  declare(*command, *options);
  command->callback([&chosen, options, run] { chosen = [options, run] { return run(*options); }; });
}

}  // namespace filemint::cli
