// token revoke, revocations
#include "core/api_key.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"
#include "store/rules.hpp"

#include <algorithm>

namespace filemint::cli {
namespace {

struct token_options {
  std::filesystem::path config;
  std::optional<std::string> jti;
  std::optional<std::string> key;
  std::optional<std::string> company;
  std::optional<std::string> path;
  std::optional<std::string> prefix;
  std::string source;
  bool json_output = false;
};

json to_json(const revocation& row) {
  return {{"kind", store::name_of(row.kind)},
          {"source", row.source.empty() ? json() : json(row.source)},
          {"value", row.value},
          {"issued_until", rfc3339(row.issued_until)},
          {"forget_at", rfc3339(row.forget_at)}};
}

std::string shown_value(const revocation& row) {
  return row.kind == revocation_kind::prefix && row.value.empty() ? "(every path)" : row.value;
}

// "the tokens of company co_xyz"
std::string described(const revocation& row) {
  const auto named = std::string{store::name_of(row.kind)} + " " + shown_value(row);
  if (row.kind == revocation_kind::jti) return "the token with " + named;
  return "the tokens of " + named + (row.source.empty() ? "" : " on " + row.source);
}

store::revocation_order order_of(const token_options& options) {
  const auto of = [&](revocation_kind kind, const std::string& value) {
    return store::revocation_order{.kind = kind, .source = options.source, .value = value};
  };
  if (options.key) return of(revocation_kind::key, *options.key);
  if (options.company) return of(revocation_kind::company, *options.company);
  if (options.path) return of(revocation_kind::path, *options.path);
  if (options.prefix) return of(revocation_kind::prefix, *options.prefix);
  return of(revocation_kind::jti, *options.jti);
}

void declare_common(CLI::App& command, token_options& options) {
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

void declare_revoke(CLI::App& command, token_options& options) {
  auto* which = command.add_option_group("which tokens");
  which->add_option("--jti", options.jti,
                    "One token, by its jti; --jti=JTI where it begins with -");
  which->add_option("--key", options.key, "Those that an API key has minted, by the key's id");
  which->add_option("--company", options.company, "A company's");
  which->add_option("--path", options.path, "A path's on --source");
  which->add_option("--prefix", options.prefix,
                    "Those of all paths on --source below whole leading segments; an empty one is "
                    "every path");
  which->require_option(1);
  command.add_option("--source", options.source, "With --path or --prefix: on which source");
  declare_common(command, options);
}

outcome<void> revoke(const token_options& options) {
  if ((options.path || options.prefix) == options.source.empty()) {
    return stop(exit_code::usage, "--source goes with --path or --prefix, and they with it");
  }
  if (options.key && options.key->size() != api_key_id_size) {
    return stop(exit_code::usage,
                "--key takes a key's id, 12 letters and digits as key list shows it");
  }
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  if (!options.source.empty()) {
    if (auto known = require_source_of_ours(opened->settings, options.source); !known) return known;
  }
  auto asked = order_of(options);
  asked.at = wall_now();
  asked.skew = opened->settings.mint.clock_skew;
  const auto done = opened->rows->revoke_tokens(asked);
  if (!done) return stop(done.error());
  if (options.json_output) {
    print_json(to_json(*done));
  } else {
    const bool one = done->kind == revocation_kind::jti;
    print_line("revoked " + described(*done) +
               (one ? "" : ", issued until " + rfc3339(done->issued_until)));
  }
  return {};
}

outcome<void> revocations(const token_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  auto rows = opened->rows->list_revocations();
  if (!rows) return stop(rows.error());
  std::erase_if(*rows, [now = wall_now()](const auto& row) { return row.forget_at <= now; });
  if (options.json_output) {
    auto all = json::array();
    for (const auto& row : *rows) all.push_back(to_json(row));
    print_json(all);
    return {};
  }
  table shown{{"KIND", "SOURCE", "VALUE", "ISSUED UNTIL", "KEPT UNTIL"}};
  for (const auto& row : *rows) {
    shown.add({std::string{store::name_of(row.kind)}, row.source.empty() ? "-" : row.source,
               shown_value(row), rfc3339(row.issued_until), rfc3339(row.forget_at)});
  }
  print(shown.text());
  return {};
}

}  // namespace

void add_token_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "token", "Tokens that were minted");
  add_command<token_options>(family, chosen, "revoke",
                             "Refuse tokens before they expire: at /files and /verify, not where "
                             "somebody verifies offline",
                             declare_revoke, revoke);
  add_command<token_options>(family, chosen, "revocations",
                             "List what was revoked, until its tokens have expired", declare_common,
                             revocations);
}

}  // namespace filemint::cli
