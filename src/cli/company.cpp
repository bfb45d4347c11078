// company add, list, limit, suspend, resume
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"

namespace filemint::cli {
namespace {

struct company_options {
  std::filesystem::path config;
  std::string id;
  std::uint64_t limit = 0;
  bool json_output = false;
};

json to_json(const store::company_row& row) {
  return {{"id", row.id},
          {"suspended", row.suspended},
          {"calls_per_minute", row.window_limit == 0 ? json() : json(row.window_limit)},
          {"created_at", rfc3339(row.created_at)}};
}

void declare_common(CLI::App& command, company_options& options) {
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

void declare_one(CLI::App& command, company_options& options) {
  command.add_option("company,--company", options.id, "The company's id")->required();
  declare_common(command, options);
}

void declare_add(CLI::App& command, company_options& options) {
  declare_one(command, options);
  command.add_option("--limit", options.limit, "Calls in 60 s; 0: as the configuration says");
}

void declare_limit(CLI::App& command, company_options& options) {
  declare_one(command, options);
  command.add_option("limit,--limit", options.limit, "Calls in 60 s; 0: as the configuration says")
      ->required();
}

outcome<void> add(const company_options& options) {
  auto opened = open_store(options.config, when_missing::create);
  if (!opened) return std::unexpected{opened.error()};
  const store::company_row row{
      .id = options.id, .window_limit = options.limit, .created_at = wall_now()};
  if (auto done = opened->rows->add_company(row); !done) return stop(done.error());
  if (options.json_output) {
    print_json(to_json(row));
  } else {
    print_line("added company " + row.id);
  }
  return {};
}

outcome<void> list(const company_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  const auto rows = opened->rows->list_companies();
  if (!rows) return stop(rows.error());
  if (options.json_output) {
    auto all = json::array();
    for (const auto& row : *rows) all.push_back(to_json(row));
    print_json(all);
    return {};
  }
  table shown{{"COMPANY", "STATE", "CALLS/MINUTE", "CREATED"}};
  for (const auto& row : *rows) {
    const auto limit = row.window_limit == 0
                           ? std::to_string(opened->settings.mint.calls_per_minute) + " (default)"
                           : std::to_string(row.window_limit);
    shown.add({row.id, row.suspended ? "suspended" : "active", limit, rfc3339(row.created_at)});
  }
  print(shown.text());
  return {};
}

// A change to a company that is there, told in a word.
template <class Change>
outcome<void> change(const company_options& options, const std::string& told, const json& told_json,
                     Change apply) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  if (auto done = apply(*opened->rows); !done) return stop(done.error());
  if (options.json_output) {
    print_json(told_json);
  } else {
    print_line(told);
  }
  return {};
}

outcome<void> set_suspended(const company_options& options, bool suspended) {
  return change(options, (suspended ? "suspended company " : "resumed company ") + options.id,
                {{"id", options.id}, {"suspended", suspended}},
                [&](store::store& rows) { return rows.set_suspended(options.id, suspended); });
}

outcome<void> limit(const company_options& options) {
  return change(
      options, "set the limit of company " + options.id,
      {{"id", options.id}, {"calls_per_minute", options.limit == 0 ? json() : json(options.limit)}},
      [&](store::store& rows) { return rows.set_window_limit(options.id, options.limit); });
}

}  // namespace

void add_company_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "company", "Who may call");
  add_command<company_options>(family, chosen, "add", "Add a company", declare_add, add);
  add_command<company_options>(family, chosen, "list", "List the companies", declare_common, list);
  add_command<company_options>(family, chosen, "limit", "Set a company's calls in 60 s",
                               declare_limit, limit);
  add_command<company_options>(
      family, chosen, "suspend", "Refuse a company's calls and tokens", declare_one,
      [](const company_options& options) { return set_suspended(options, true); });
  add_command<company_options>(
      family, chosen, "resume", "Let a suspended company call again", declare_one,
      [](const company_options& options) { return set_suspended(options, false); });
}

}  // namespace filemint::cli
