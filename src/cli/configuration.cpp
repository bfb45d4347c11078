// config check, config example
#include "src/cli/configuration.hpp"

#include "core/config/example.hpp"
#include "core/config/load.hpp"
#include "core/config/warnings.hpp"
#include "core/redact.hpp"
#include "src/cli/console.hpp"
#include "src/cli/credential_files.hpp"
#include "src/cli/families.hpp"
#include "src/cli/options.hpp"
#include "src/cli/tls_files.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace filemint::cli {
namespace {

struct check_options {
  std::filesystem::path file;
  bool json = false;
};

struct example_options {};

void declare_check(CLI::App& command, check_options& options) {
  command.add_option("--config,file", options.file, "The configuration file")
      ->envname("FILEMINT_CONFIG")
      ->required()
      ->type_name("FILE");
  add_json_flag(command, options.json);
}

nlohmann::ordered_json problems_json(const config_or_problems& read) {
  auto problems = nlohmann::ordered_json::array();
  if (read) return problems;
  for (const auto& p : read.error()) {
    problems.push_back({{"line", p.line},
                        {"column", p.column},
                        {"key", redacted(p.key)},
                        {"message", redacted(p.message)}});
  }
  return problems;
}

outcome<void> check(const check_options& options) {
  auto read = load_config(options.file);
  if (read) {
    auto problems = find_tls_problems(*read, options.file.string());
    std::ranges::move(find_credential_problems(*read, options.file.string()),
                      std::back_inserter(problems));
    if (!problems.empty()) read = std::unexpected{std::move(problems)};
  }
  const auto warnings = read ? config_warnings(*read) : std::vector<std::string>{};
  if (options.json) {
    const nlohmann::ordered_json out{
        {"ok", read.has_value()}, {"problems", problems_json(read)}, {"warnings", warnings}};
    print_line(out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  if (!read) {
    for (const auto& problem : read.error()) {
      if (!options.json) print_error(problem.text());
    }
    return stop(exit_code::configuration, "");
  }
  if (options.json) return {};
  for (const auto& each : warnings) print_error("warning: " + each);
  print_line(options.file.string() + ": ok");
  return {};
}

outcome<void> example(const example_options&) {
  print(config_example());
  return {};
}

}  // namespace

outcome<config> read_configuration(const std::filesystem::path& path) {
  auto read = load_config(path);
  if (read) return std::move(*read);
  const auto& problems = read.error();
  auto message = problems.front().text();
  if (problems.size() > 1) {
    message += " (and " + std::to_string(problems.size() - 1) + " more: filemint config check)";
  }
  return stop(exit_code::configuration, std::move(message));
}

void add_config_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "config", "Check a configuration file, or print an example");
  add_command<check_options>(family, chosen, "check",
                             "Tell all that is wrong with a configuration file", declare_check,
                             check);
  add_command<example_options>(
      family, chosen, "example", "Print a complete, commented file",
      [](CLI::App&, example_options&) {}, example);
}

}  // namespace filemint::cli
