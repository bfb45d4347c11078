#include "src/cli/options.hpp"

namespace filemint::cli {

CLI::Option* add_config_option(CLI::App& command, std::filesystem::path& path) {
  return command.add_option("--config", path, "The configuration file")
      ->envname("FILEMINT_CONFIG")
      ->required()
      ->type_name("FILE");
}

CLI::Option* add_json_flag(CLI::App& command, bool& wanted) {
  return command.add_flag("--json", wanted, "JSON, for programs");
}

CLI::App& add_family(CLI::App& app, std::string name, std::string description) {
  auto* family = app.add_subcommand(std::move(name), std::move(description));
  family->require_subcommand(1);
  return *family;
}

}  // namespace filemint::cli
