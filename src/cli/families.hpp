// The families of subcommands, one a file; each registers its own.
#pragma once

#include "src/cli/outcome.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace filemint::cli {

// What the command line asks for; a family sets it when one of its subcommands was chosen.
using chosen_command = std::function<outcome<void>()>;

void add_node_commands(CLI::App& app, chosen_command& chosen);  // serve, demo, version
void add_config_commands(CLI::App& app, chosen_command& chosen);
void add_company_commands(CLI::App& app, chosen_command& chosen);
void add_key_commands(CLI::App& app, chosen_command& chosen);
void add_grant_commands(CLI::App& app, chosen_command& chosen);
void add_limit_commands(CLI::App& app, chosen_command& chosen);
void add_source_commands(CLI::App& app, chosen_command& chosen);
void add_signing_key_commands(CLI::App& app, chosen_command& chosen);
void add_signing_key_export(CLI::App& family, chosen_command& chosen);
void add_master_key_commands(CLI::App& app, chosen_command& chosen);
void add_cluster_commands(CLI::App& app, chosen_command& chosen);
void add_token_commands(CLI::App& app, chosen_command& chosen);
void add_mint_command(CLI::App& app, chosen_command& chosen);

}  // namespace filemint::cli
