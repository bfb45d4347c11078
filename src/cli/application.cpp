#include "src/cli/application.hpp"

#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/core_dumps.hpp"

#include <csignal>
#include <exception>
#include <string>
#include <string_view>

namespace filemint::cli {
namespace {

int end(exit_code code, std::string_view message) {
  print_error(message);
  return static_cast<int>(code);
}

// A key that was typed by mistake must not go on to a log of stderr.
std::string usage_error(const std::string& problem) {
  if (problem.contains("fm_")) {
    return "an API key never stands on a command line: it goes into FILEMINT_API_KEY or a file";
  }
  return problem + " (filemint --help)";
}

int run_chosen(const chosen_command& chosen) {
  const auto done = chosen();
  if (!flush_output() && done) return end(exit_code::failed, "stdout cannot be written to");
  if (!done)
    return done.error().message.empty() ? static_cast<int>(done.error().code)
                                        : end(done.error().code, done.error().message);
  return 0;
}

}  // namespace

int run(int argc, char** argv) {
  forbid_core_dumps();
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit (RLIMIT_FSIZE) is as a disk that is full
  CLI::App app{"filemint mints short-lived download tokens, one a file.", "filemint"};
  app.footer(exit_code_help);
  app.require_subcommand(1);
  chosen_command chosen;
  add_node_commands(app, chosen);
  add_config_commands(app, chosen);
  add_company_commands(app, chosen);
  add_key_commands(app, chosen);
  add_grant_commands(app, chosen);
  add_limit_commands(app, chosen);
  add_signing_key_commands(app, chosen);
  add_master_key_commands(app, chosen);
  add_source_commands(app, chosen);
  add_cluster_commands(app, chosen);
  add_token_commands(app, chosen);
  add_mint_command(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return app.exit(problem);  // help
    return end(exit_code::usage, usage_error(problem.what()));
  }
  try {
    return run_chosen(chosen);
  } catch (const std::exception& problem) {
    return end(exit_code::failed, problem.what());
  }
}

}  // namespace filemint::cli
