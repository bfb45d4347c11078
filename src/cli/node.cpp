// serve, demo, version
#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/options.hpp"
#include "src/release.hpp"

#include <string>

namespace filemint::cli {
namespace {

struct no_options {};

// What a node has to say it has said itself.
outcome<void> ended(int code) {
  if (code == 0) return {};
  return stop(static_cast<exit_code>(code), "");
}

void declare_serve(CLI::App& command, serve_options& options) {
  add_config_option(command, options.config);
}

void declare_demo(CLI::App& command, demo_options& options) {
  command.add_option("--port", options.port, "Where clients connect, on 127.0.0.1; 0: a free port")
      ->capture_default_str();
  command.add_option("--admin-port", options.admin_port, "Where /metrics is; 0: a free port")
      ->capture_default_str();
  command.add_flag("--once", options.once, "Mint and download once by itself, then end");
  command.add_option("--data", options.data, "Keep files and store in this folder")
      ->type_name("DIR");
  command.add_option("--json", options.json, "Write url, admin_url, key, config and pid to FILE")
      ->type_name("FILE");
}

void declare_version(CLI::App&, no_options&) {}

}  // namespace

void add_node_commands(CLI::App& app, chosen_command& chosen) {
  add_command<serve_options>(app, chosen, "serve", "Run a node", declare_serve,
                             [](const serve_options& o) { return ended(run_serve(o)); });
  add_command<demo_options>(app, chosen, "demo", "Run a node with files and a key to try",
                            declare_demo, [](const demo_options& o) { return ended(run_demo(o)); });
  add_command<no_options>(app, chosen, "version", "Print the version", declare_version,
                          [](const no_options&) -> outcome<void> {
                            print_line("filemint " + std::string{this_release});
                            return {};
                          });
}

}  // namespace filemint::cli
