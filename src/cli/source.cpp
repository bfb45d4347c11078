// source test
#include "http/client_pool.hpp"
#include "src/cli/configuration.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/source_trial.hpp"

#include <algorithm>
#include <future>

namespace filemint::cli {
namespace {

constexpr std::chrono::seconds patience{20};  // an answer's

struct test_options {
  std::filesystem::path config;
  std::string source;
  std::string path;
  bool json_output = false;
};

void declare_test(CLI::App& command, test_options& options) {
  command.add_option("source,--source", options.source, "Which one")->required();
  command.add_option("path,--path", options.path,
                     "A stored file's path, of which a byte is downloaded; none: what can be told "
                     "without");
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

outcome<std::vector<finding>> findings(const test_options& options, const config& settings,
                                       const source_config& source) {
  const auto pool = http::client_pool::start();
  if (!pool) return stop(pool.error());
  const asker ask = [&](backends::remote_request request) {
    std::promise<actors::fetch_outcome> told;
    (*pool)->fetch(std::move(request), {.within = patience},
                   [&](actors::fetch_outcome outcome) { told.set_value(std::move(outcome)); });
    return told.get_future().get();
  };
  const trial_terms trial{
      .settings = settings, .source = source, .path = options.path, .ask = ask, .now = wall_now()};
  if (!source.has_our_tokens()) return try_storage(trial);
  auto rows = store::open_store(settings.store, store::role::cli, when_missing::refuse);
  if (!rows) return stop(exit_code::store, rows.error().message);
  return try_own(trial, **rows);
}

void print_findings(const test_options& options, const source_config& source,
                    const std::vector<finding>& found, bool ok) {
  if (options.json_output) {
    auto all = json::array();
    for (const auto& each : found) {
      all.push_back({{"about", each.about}, {"verdict", name_of(each.how)}, {"says", each.says}});
    }
    print_json({{"source", source.name},
                {"type", name_of(source.type)},
                {"path", options.path.empty() ? json() : json(options.path)},
                {"ok", ok},
                {"findings", std::move(all)}});
    return;
  }
  for (const auto& each : found) {
    const auto* mark = each.how == verdict::good  ? "ok      "
                       : each.how == verdict::bad ? "FAILED  "
                                                  : "?       ";
    print_line(mark + each.about + ": " + printable(each.says));
  }
}

outcome<void> test(const test_options& options) {
  const auto settings = read_configuration(options.config);
  if (!settings) return std::unexpected{settings.error()};
  if (auto known = require_source(*settings, options.source); !known) return known;
  const auto& source = *settings->find_source(options.source);
  const auto found = findings(options, *settings, source);
  if (!found) return std::unexpected{found.error()};
  const auto is_bad = [](const finding& each) { return each.how == verdict::bad; };
  const bool ok = std::ranges::none_of(*found, is_bad);
  print_findings(options, source, *found, ok);
  if (ok) return {};
  return stop(exit_code::failed, "");
}

}  // namespace

void add_source_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "source", "Where files lie");
  add_command<test_options>(family, chosen, "test",
                            "Sign a token, download a byte with it, and say what is wrong",
                            declare_test, test);
}

}  // namespace filemint::cli
