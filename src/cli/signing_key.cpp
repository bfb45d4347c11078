// signing-key list, prepare, activate, retire; export has a file of its own
#include "core/sealed_key.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"
#include "src/master_key.hpp"
#include "store/rules.hpp"

#include <algorithm>

namespace filemint::cli {
namespace {

struct signing_key_options {
  std::filesystem::path config;
  std::string source;
  std::string kid;
  bool force = false;
  bool json_output = false;
};

json to_json(const store::signing_key_row& row) {
  return {{"kid", row.kid},
          {"source", row.source},
          {"algorithm", store::name_of_algorithm(row)},
          {"state", store::name_of(row.state)},
          {"created_at", rfc3339(row.created_at)},
          {"activated_at", time_json(row.activated_at)},
          {"retire_at", time_json(row.retire_at)}};
}

outcome<store::signing_key_row> find(store::store& rows, const std::string& kid) {
  auto all = rows.list_signing_keys();
  if (!all) return stop(all.error());
  const auto found = std::ranges::find(*all, kid, &store::signing_key_row::kid);
  if (found == all->end()) return stop(exit_code::not_found, "no such signing key: " + kid);
  return std::move(*found);
}

// Offline verifiers fetch public keys once in a while: a key must have been published for so long
// before it signs, and a node has to see it before it publishes it. Keys of HS256 are known to the
// node alone, which sees them in one go.
std::chrono::seconds publication_age(token_algorithm algorithm, const config& settings) {
  if (algorithm == token_algorithm::hs256) return {};
  return settings.mint.jwks_max_age +
         std::chrono::ceil<std::chrono::seconds>(settings.store.poll_interval);
}

void declare_common(CLI::App& command, signing_key_options& options) {
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

void declare_list(CLI::App& command, signing_key_options& options) {
  command.add_option("--source", options.source, "Of this source alone");
  declare_common(command, options);
}

void declare_prepare(CLI::App& command, signing_key_options& options) {
  command.add_option("source,--source", options.source, "Whose tokens it will sign")->required();
  declare_common(command, options);
}

void declare_one(CLI::App& command, signing_key_options& options) {
  command.add_option("kid,--kid", options.kid, "The key's id")->required();
  command.add_flag("--force", options.force, "Even where tokens would be refused for a while");
  declare_common(command, options);
}

outcome<void> list(const signing_key_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  auto rows = opened->rows->list_signing_keys();
  if (!rows) return stop(rows.error());
  if (!options.source.empty()) {
    std::erase_if(*rows, [&](const auto& row) { return row.source != options.source; });
  }
  if (options.json_output) {
    auto all = json::array();
    for (const auto& row : *rows) all.push_back(to_json(row));
    print_json(all);
    return {};
  }
  table shown{{"KID", "SOURCE", "ALGORITHM", "STATE", "CREATED", "ACTIVATED", "VERIFIES UNTIL"}};
  for (const auto& row : *rows) {
    shown.add({row.kid, row.source, std::string{store::name_of_algorithm(row)},
               std::string{store::name_of(row.state)}, rfc3339(row.created_at),
               show_time(row.activated_at, "-"), show_time(row.retire_at, "-")});
  }
  print(shown.text());
  return {};
}

outcome<void> prepare(const signing_key_options& options) {
  auto opened = open_store(options.config, when_missing::create);
  if (!opened) return std::unexpected{opened.error()};
  if (auto known = require_source_of_ours(opened->settings, options.source); !known) return known;
  const auto& reference = opened->settings.store.master_key;
  const auto master = load_master_key(reference);
  if (!master) return stop(exit_code::configuration, master.error().message);
  const auto algorithm = opened->settings.find_source(options.source)->algorithm;
  const auto key = signing_key::generate(algorithm, options.source, signing_key::new_kid());
  if (!key) return stop(key.error());
  const store::signing_key_row row{.kid = (*key)->kid(),
                                   .source = options.source,
                                   .algorithm = algorithm,
                                   .sealed = seal(*master, **key),
                                   .created_at = wall_now()};
  auto done = opened->rows->insert_signing_key_beside(row, opened_by(*master, reference));
  if (!done) return stop(done.error());
  if (options.json_output) {
    print_json(to_json(row));
  } else {
    print_line(row.kid);
  }
  return {};
}

outcome<void> activate(const signing_key_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  const auto row = find(*opened->rows, options.kid);
  if (!row) return std::unexpected{row.error()};
  if (!row->algorithm) return stop(exit_code::conflict, store::unknown_algorithm_of(*row));
  if (auto known = require_source(opened->settings, row->source); !known) return known;
  const auto& source = *opened->settings.find_source(row->source);
  const store::activation asked{.kid = options.kid,
                                .at = wall_now(),
                                .min_age = publication_age(*row->algorithm, opened->settings),
                                .overlap = source.max_life + opened->settings.mint.clock_skew,
                                .force = options.force};
  if (auto done = opened->rows->activate_signing_key(asked); !done) return stop(done.error());
  if (options.json_output) {
    print_json({{"kid", options.kid}, {"source", row->source}, {"state", "active"}});
  } else {
    print_line("key " + options.kid + " signs the tokens of " + row->source);
  }
  return {};
}

outcome<void> retire(const signing_key_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  if (auto done = opened->rows->retire_signing_key(options.kid, wall_now(), options.force); !done) {
    return stop(done.error());
  }
  if (options.json_output) {
    print_json({{"kid", options.kid}, {"state", "gone"}});
  } else {
    print_line("removed key " + options.kid);
  }
  return {};
}

}  // namespace

void add_signing_key_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "signing-key",
                            "The keys that sign tokens: prepared, active, "
                            "retiring, gone");
  using options = signing_key_options;
  add_command<options>(family, chosen, "list", "List them, without their secrets", declare_list,
                       list);
  add_command<options>(family, chosen, "prepare", "Make a source's next key", declare_prepare,
                       prepare);
  add_command<options>(family, chosen, "activate",
                       "Let a prepared key sign; the former one goes on verifying", declare_one,
                       activate);
  add_command<options>(family, chosen, "retire", "Remove a key that is no longer needed",
                       declare_one, retire);
  add_signing_key_export(family, chosen);
}

}  // namespace filemint::cli
