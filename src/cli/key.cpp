// key create, list, revoke
#include "core/api_key.hpp"
#include "core/config/scalar.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"

#include <algorithm>
#include <array>

namespace filemint::cli {
namespace {

struct key_options {
  std::filesystem::path config;
  std::string id;
  std::string company;
  std::string expires_in;
  std::string expires_at;
  std::vector<std::string> routes;
  bool json_output = false;
};

struct named_route {
  std::string_view name;
  route_scope bit;
};

constexpr std::array routes{named_route{"file-access", scope_file_access},
                            named_route{"access-tokens", scope_access_tokens},
                            named_route{"health", scope_health}};

std::vector<std::string> names_of(route_scope scope) {
  std::vector<std::string> names;
  for (const auto& route : routes) {
    if ((scope & route.bit) != 0) names.emplace_back(route.name);
  }
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string_view state_of(const store::key_row& row, wall_time at) {
  if (row.revoked_at) return "revoked";
  return row.expires_at && *row.expires_at <= at ? "expired" : "active";
}

json to_json(const store::key_row& row, wall_time at) {
  return {{"id", row.id},
          {"company", row.company},
          {"state", state_of(row, at)},
          {"routes", names_of(row.scope)},
          {"expires_at", time_json(row.expires_at)},
          {"created_at", rfc3339(row.created_at)},
          {"revoked_at", time_json(row.revoked_at)}};
}

outcome<route_scope> scope_of(const std::vector<std::string>& names) {
  if (names.empty()) return scope_all;
  unsigned scope = 0;
  for (const auto& name : names) {
    const auto* found = std::ranges::find(routes, name, &named_route::name);
    if (found == routes.end()) {
      return stop(exit_code::usage,
                  "no route is named " + name + "; there are: " + joined(names_of(scope_all)));
    }
    scope |= found->bit;
  }
  return static_cast<route_scope>(scope);
}

outcome<std::optional<wall_time>> expiry_of(const key_options& options, wall_time now) {
  if (!options.expires_in.empty()) {
    const auto life = read_duration(options.expires_in);
    if (!life || *life < std::chrono::seconds{1}) {
      return stop(exit_code::usage, "--expires-in takes a duration as 90d, 12h or 3600");
    }
    return now + std::chrono::floor<std::chrono::seconds>(*life);
  }
  if (!options.expires_at.empty()) {
    const auto time = read_time(options.expires_at);
    if (!time) {
      return stop(exit_code::usage, "--expires-at takes a time as 2027-01-31T00:00:00Z");
    }
    if (*time <= now) return stop(exit_code::usage, "--expires-at is a time that has passed");
    return time;
  }
  return std::nullopt;
}

void declare_create(CLI::App& command, key_options& options) {
  command.add_option("company,--company", options.company, "Whose key it is")->required();
  auto* in = command.add_option("--expires-in", options.expires_in, "A duration: 90d, 12h, 3600");
  command.add_option("--expires-at", options.expires_at, "A time: 2027-01-31T00:00:00Z")
      ->excludes(in);
  command.add_option("--route", options.routes,
                     "file-access, access-tokens or health, as often as needed; none: all of them");
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

void declare_list(CLI::App& command, key_options& options) {
  command.add_option("--company", options.company, "Of this company alone");
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

void declare_revoke(CLI::App& command, key_options& options) {
  command.add_option("id,--id", options.id, "The key's id, never the key itself")->required();
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

outcome<void> create(const key_options& options) {
  const auto now = wall_now();
  const auto scope = scope_of(options.routes);
  if (!scope) return std::unexpected{scope.error()};
  const auto expiry = expiry_of(options, now);
  if (!expiry) return std::unexpected{expiry.error()};
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};

  const auto key = api_key::generate();
  const store::key_row row{.id = std::string{key.id()},
                           .company = options.company,
                           .secret_hash = key.secret_hash(),
                           .scope = *scope,
                           .expires_at = *expiry,
                           .created_at = now};
  if (auto done = opened->rows->add_key(row); !done) return stop(done.error());
  if (options.json_output) {
    json created{{"key", key.text().reveal()}};
    created.update(to_json(row, now));
    print_json(created);
  } else {
    print_line(key.text().reveal());
    print_note("key " + row.id + " of " + row.company + ", " +
               (row.expires_at ? "until " + rfc3339(*row.expires_at) : "without expiry") +
               "; it is shown this once");
  }
  return {};
}

outcome<void> list(const key_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  std::optional<std::string_view> company;
  if (!options.company.empty()) company = options.company;
  const auto rows = opened->rows->list_keys(company);
  if (!rows) return stop(rows.error());
  const auto now = wall_now();
  if (options.json_output) {
    auto all = json::array();
    for (const auto& row : *rows) all.push_back(to_json(row, now));
    print_json(all);
    return {};
  }
  table shown{{"KEY", "COMPANY", "STATE", "ROUTES", "EXPIRES", "CREATED"}};
  for (const auto& row : *rows) {
    shown.add({row.id, row.company, std::string{state_of(row, now)},
               row.scope == scope_all ? "all" : joined(names_of(row.scope)),
               show_time(row.expires_at, "never"), rfc3339(row.created_at)});
  }
  print(shown.text());
  return {};
}

outcome<void> revoke(const key_options& options) {
  if (options.id.size() != api_key_id_size) {
    return stop(exit_code::usage,
                "key revoke takes a key's id, 12 letters and digits as key list shows it");
  }
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  if (auto done = opened->rows->revoke_key(options.id, wall_now()); !done) {
    return stop(done.error());
  }
  if (options.json_output) {
    print_json({{"id", options.id}, {"state", "revoked"}});
  } else {
    print_line("revoked key " + options.id);
  }
  return {};
}

}  // namespace

void add_key_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "key", "API keys");
  add_command<key_options>(family, chosen, "create", "Make a key and print it, this once",
                           declare_create, create);
  add_command<key_options>(family, chosen, "list", "List keys, without their secrets", declare_list,
                           list);
  add_command<key_options>(family, chosen, "revoke", "Refuse a key, and the tokens minted with it",
                           declare_revoke, revoke);
}

}  // namespace filemint::cli
