// limit set, list, clear
#include "core/caller_limits.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::cli {
namespace {

// One limit as people name it. A company has all of them, a key those of the throttle.
struct named_limit {
  const char* name;
  const char* head;
  const char* what;
  std::uint64_t most;
  std::uint64_t lifted;  // what stands for "off"; 0: it can't be
  bool of_keys;
  std::uint64_t (*get)(const store::company_limits&);
  void (*put)(store::company_limits&, std::uint64_t);
};

constexpr named_limit limits[] = {
    {"calls", "CALLS/MINUTE", "Calls of the company in 60 s", 1'000'000'000, 0, false,
     [](const store::company_limits& of) { return of.calls; },
     [](store::company_limits& of, std::uint64_t value) { of.calls = value; }},
    {"tokens", "TOKENS/MINUTE", "Tokens of the company in 60 s, or off", 1'000'000'000,
     tokens_not_limited, false, [](const store::company_limits& of) { return of.tokens; },
     [](store::company_limits& of, std::uint64_t value) { of.tokens = value; }},
    {"rate", "RATE", "Calls of a key in a second, or off", throttle_terms::most_rate,
     throttle_terms::no_rate, true,
     [](const store::company_limits& of) { return std::uint64_t{of.throttle.rate}; },
     [](store::company_limits& of, std::uint64_t value) {
       of.throttle.rate = static_cast<std::uint16_t>(value);
     }},
    {"burst", "BURST", "How many of them may come at once", throttle_terms::most_burst, 0, true,
     [](const store::company_limits& of) { return std::uint64_t{of.throttle.burst}; },
     [](store::company_limits& of, std::uint64_t value) {
       of.throttle.burst = static_cast<std::uint16_t>(value);
     }},
    {"per-day", "PER DAY", "Calls of a key in a day (UTC), or off", throttle_terms::most_a_day,
     throttle_terms::no_day, true,
     [](const store::company_limits& of) { return std::uint64_t{of.throttle.per_day}; },
     [](store::company_limits& of, std::uint64_t value) {
       of.throttle.per_day = static_cast<std::uint32_t>(value);
     }},
};
constexpr std::size_t limit_count = std::size(limits);

struct limit_options {
  std::filesystem::path config;
  std::string company;
  std::string key;
  std::string values[limit_count];  // set
  bool named[limit_count] = {};     // clear
  bool json_output = false;
};

void declare_whose(CLI::App& command, limit_options& options) {
  auto* company = command.add_option("--company", options.company, "Of a company and its keys");
  auto* key = command.add_option("--key", options.key, "Of one key, by its id");
  company->excludes(key);
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

void declare_set(CLI::App& command, limit_options& options) {
  declare_whose(command, options);
  for (std::size_t i = 0; i < limit_count; ++i) {
    command.add_option(std::string{"--"} + limits[i].name, options.values[i], limits[i].what);
  }
}

void declare_clear(CLI::App& command, limit_options& options) {
  declare_whose(command, options);
  for (std::size_t i = 0; i < limit_count; ++i) {
    command.add_flag(std::string{"--"} + limits[i].name, options.named[i],
                     "This one; none named: all");
  }
}

void declare_list(CLI::App& command, limit_options& options) {
  command.add_option("--company", options.company, "Of this company and its keys alone");
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

std::optional<std::uint64_t> value_of(const named_limit& limit, std::string_view text) {
  if (text == "off" && limit.lifted != 0) return limit.lifted;
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value >= 1 && value <= limit.most ? std::optional{value} : std::nullopt;
}

json to_json(const store::company_limits& own, bool of_key) {
  json told;
  for (const auto& limit : limits) {
    if (of_key && !limit.of_keys) continue;
    const auto value = limit.get(own);
    std::string name = limit.name;
    std::ranges::replace(name, '-', '_');
    if (value == 0) {
      told[name] = nullptr;
    } else if (value == limit.lifted) {
      told[name] = "off";
    } else {
      told[name] = value;
    }
  }
  return told;
}

// What a company or a key has of its own.
struct owner {
  bool is_key = false;
  std::string id;
  store::company_limits own;
};

outcome<owner> find_owner(store::store& rows, const limit_options& options) {
  if (options.company.empty() == options.key.empty()) {
    return stop(exit_code::usage, "whose limits? --company COMPANY or --key ID");
  }
  if (!options.key.empty()) {
    const auto keys = rows.list_keys({});
    if (!keys) return stop(keys.error());
    const auto found = std::ranges::find(*keys, options.key, &store::key_row::id);
    if (found == keys->end()) return stop(exit_code::not_found, "there is no such API key");
    return owner{true, found->id, {.throttle = found->throttle}};
  }
  const auto companies = rows.list_companies();
  if (!companies) return stop(companies.error());
  const auto found = std::ranges::find(*companies, options.company, &store::company_row::id);
  if (found == companies->end()) return stop(exit_code::not_found, "there is no such company");
  return owner{false, found->id, {found->window_limit, found->token_limit, found->throttle}};
}

// Changes what the owner has, and tells what it has now.
template <class Change>
outcome<void> change(const limit_options& options, Change apply) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  auto found = find_owner(*opened->rows, options);
  if (!found) return std::unexpected{found.error()};
  if (auto done = apply(*found); !done) return done;
  auto done = found->is_key ? opened->rows->set_key_throttle(found->id, found->own.throttle)
                            : opened->rows->set_company_limits(found->id, found->own);
  if (!done) return stop(done.error());
  const auto* kind = found->is_key ? "key" : "company";
  if (options.json_output) {
    json told{{kind, found->id}};
    told.update(to_json(found->own, found->is_key));
    print_json(told);
  } else {
    print_line(std::string{"the limits of "} + kind + " " + found->id + " are changed");
  }
  return {};
}

outcome<void> set(const limit_options& options) {
  if (std::ranges::all_of(options.values, &std::string::empty)) {
    return stop(exit_code::usage, "limit set takes at least one limit, as --calls 100");
  }
  return change(options, [&](owner& whose) -> outcome<void> {
    for (std::size_t i = 0; i < limit_count; ++i) {
      const auto& limit = limits[i];
      if (options.values[i].empty()) continue;
      if (whose.is_key && !limit.of_keys) {
        return stop(exit_code::usage, std::string{"--"} + limit.name + " is a company's");
      }
      const auto value = value_of(limit, options.values[i]);
      if (!value) {
        return stop(exit_code::usage,
                    std::string{"--"} + limit.name + " takes a whole number from 1 to " +
                        std::to_string(limit.most) + (limit.lifted != 0 ? ", or off" : ""));
      }
      limit.put(whose.own, *value);
    }
    return {};
  });
}

outcome<void> clear(const limit_options& options) {
  const bool all = std::ranges::none_of(options.named, std::identity{});
  return change(options, [&](owner& whose) -> outcome<void> {
    for (std::size_t i = 0; i < limit_count; ++i) {
      if (all || options.named[i]) limits[i].put(whose.own, 0);
    }
    return {};
  });
}

std::string shown(const named_limit& limit, const store::company_limits& own) {
  const auto value = limit.get(own);
  if (value == 0) return "-";
  return value == limit.lifted ? "off" : std::to_string(value);
}

// What counts where nobody has a limit of his own.
store::company_limits defaults(const mint_config& mint) {
  store::company_limits all{mint.calls_per_minute, mint.tokens_per_minute, mint.throttle};
  for (const auto& limit : limits) {
    if (limit.get(all) == 0) limit.put(all, limit.lifted);
  }
  return all;
}

outcome<void> list(const limit_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  const auto companies = opened->rows->list_companies();
  if (!companies) return stop(companies.error());
  const auto keys = opened->rows->list_keys(
      options.company.empty() ? std::optional<std::string_view>{} : options.company);
  if (!keys) return stop(keys.error());

  std::vector<owner> owners;
  for (const auto& row : *companies) {
    if (!options.company.empty() && row.id != options.company) continue;
    owners.push_back({false, row.id, {row.window_limit, row.token_limit, row.throttle}});
  }
  for (const auto& row : *keys) {
    if (!row.revoked_at) owners.push_back({true, row.id, {.throttle = row.throttle}});
  }
  std::erase_if(owners, [](const owner& each) { return each.own == store::company_limits{}; });

  const auto configured = defaults(opened->settings.mint);
  if (options.json_output) {
    json all{{"configuration", to_json(configured, false)},
             {"companies", json::object()},
             {"keys", json::object()}};
    for (const auto& each : owners) {
      all[each.is_key ? "keys" : "companies"][each.id] = to_json(each.own, each.is_key);
    }
    print_json(all);
    return {};
  }
  std::vector<std::string> head{"OF"};
  for (const auto& limit : limits) head.emplace_back(limit.head);
  table rows{head};
  const auto add = [&](std::string name, const store::company_limits& own) {
    std::vector<std::string> cells{std::move(name)};
    for (const auto& limit : limits) cells.push_back(shown(limit, own));
    rows.add(std::move(cells));
  };
  add("(configuration)", configured);
  for (const auto& each : owners) add((each.is_key ? "key " : "company ") + each.id, each.own);
  print(rows.text());
  return {};
}

}  // namespace

void add_limit_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "limit", "How much companies and keys may call");
  add_command<limit_options>(family, chosen, "set", "Give a company or a key limits of its own",
                             declare_set, set);
  add_command<limit_options>(family, chosen, "list", "List the limits that differ from the default",
                             declare_list, list);
  add_command<limit_options>(family, chosen, "clear", "Let the default count again", declare_clear,
                             clear);
}

}  // namespace filemint::cli
