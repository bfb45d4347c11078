// grant add, list, remove
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"
#include "store/rules.hpp"

namespace filemint::cli {
namespace {

struct grant_options {
  std::filesystem::path config;
  std::string company;
  std::string source;
  std::string prefix;
  bool json_output = false;
};

json to_json(const store::grant_row& row) {
  return {{"company", row.company},
          {"source", row.source},
          {"prefix", row.prefix},
          {"created_at", rfc3339(row.created_at)}};
}

std::string shown_prefix(const std::string& prefix) {
  return prefix.empty() ? "(every path)" : prefix;
}

// Those of the source: the store knows of none, and takes what any source could hold.
outcome<void> require_path_rules(const config& settings, const grant_options& options) {
  const auto rules = settings.find_source(options.source)->rules;
  if (auto fit = store::checked_prefix(options.prefix, rules); !fit) return stop(fit.error());
  return {};
}

void declare_one(CLI::App& command, grant_options& options) {
  command.add_option("company,--company", options.company, "Who may read")->required();
  command.add_option("source,--source", options.source, "On which source")->required();
  command
      .add_option("prefix,--prefix", options.prefix,
                  "Whole leading segments of paths; an empty one is every path")
      ->required();
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

void declare_list(CLI::App& command, grant_options& options) {
  command.add_option("--company", options.company, "Of this company alone");
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

outcome<void> add(const grant_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  if (auto known = require_source(opened->settings, options.source); !known) return known;
  if (auto fit = require_path_rules(opened->settings, options); !fit) return fit;
  const store::grant_row row{.company = options.company,
                             .source = options.source,
                             .prefix = options.prefix,
                             .created_at = wall_now()};
  if (auto done = opened->rows->add_grant(row); !done) return stop(done.error());
  if (options.json_output) {
    print_json(to_json(row));
  } else {
    print_line("granted " + row.company + " " + shown_prefix(row.prefix) + " on " + row.source);
  }
  return {};
}

outcome<void> list(const grant_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  std::optional<std::string_view> company;
  if (!options.company.empty()) company = options.company;
  const auto rows = opened->rows->list_grants(company);
  if (!rows) return stop(rows.error());
  if (options.json_output) {
    auto all = json::array();
    for (const auto& row : *rows) all.push_back(to_json(row));
    print_json(all);
    return {};
  }
  table shown{{"COMPANY", "SOURCE", "PREFIX", "CREATED"}};
  for (const auto& row : *rows) {
    shown.add({row.company, row.source, shown_prefix(row.prefix), rfc3339(row.created_at)});
  }
  print(shown.text());
  return {};
}

outcome<void> remove(const grant_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  if (auto done = opened->rows->remove_grant(options.company, options.source, options.prefix);
      !done) {
    return stop(done.error());
  }
  if (options.json_output) {
    print_json({{"company", options.company},
                {"source", options.source},
                {"prefix", options.prefix},
                {"removed", true}});
  } else {
    print_line("removed " + shown_prefix(options.prefix) + " on " + options.source + " from " +
               options.company);
  }
  return {};
}

}  // namespace

void add_grant_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "grant", "Which paths a company may read");
  add_command<grant_options>(family, chosen, "add", "Let a company read what begins with a prefix",
                             declare_one, add);
  add_command<grant_options>(family, chosen, "list", "List the grants", declare_list, list);
  add_command<grant_options>(family, chosen, "remove", "Take a grant back", declare_one, remove);
}

}  // namespace filemint::cli
