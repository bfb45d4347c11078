// SIGHUP: what a running node takes up of a configuration that was read anew.
#include "core/config/compare.hpp"
#include "core/config/contradictions.hpp"
#include "src/master_key.hpp"
#include "src/node.hpp"
#include "store/open.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace filemint {
namespace {

// Sources that stand in both, the second one's terms.
template <class Visit>
void for_each_source(const config& before, const config& after, Visit visit) {
  for (const auto& source : after.sources) {
    if (const auto* former = before.find_source(source.name)) visit(*former, source);
  }
}

// Before a token of that life is minted: a revocation is kept for as long as one may live.
result<void> note_longer_lives(const config& before, const config& after) {
  std::vector<const source_config*> longer;
  for_each_source(before, after, [&](const source_config& was, const source_config& is) {
    if (is.max_life > was.max_life) longer.push_back(&is);
  });
  if (longer.empty()) return {};
  auto kept = store::open_store(before.store, store::role::cli, store::when_missing::refuse);
  if (!kept) return std::unexpected(kept.error());
  for (const auto* source : longer) {
    if (auto noted = (*kept)->note_token_life(source->name, source->max_life); !noted) return noted;
  }
  return {};
}

result<http::file_reader::root_map> open_other_roots(const config& before, const config& after) {
  std::vector<http::file_reader::root> others;
  for_each_source(before, after, [&](const source_config& was, const source_config& is) {
    if (is.root != was.root) others.push_back({is.name, is.root});
  });
  return http::file_reader::open_roots(others);
}

}  // namespace

void node::reload(const config_or_problems& read) {
  if (auto reopened = log_->reopen(); !reopened) log_->error(reopened.error().message);
  if (file_watch_) file_watch_->reload();
  ++reloads_[static_cast<std::size_t>(read_anew(read))];
}

node::reload_outcome node::read_anew(const config_or_problems& read) {
  const auto refuse = [&](std::string_view why) {
    log_->error("the configuration is refused, the former one stays", {{"problem", why}});
    return reload_outcome::refused;
  };
  if (!read) {
    for (const auto& problem : read.error()) refuse(problem.text());
    return reload_outcome::refused;
  }
  const auto changes = changes_between(asked_, *read);
  auto next = changed_while_running(asked_, *read);
  if (const auto problems = find_contradictions(next, "without a restart"); !problems.empty()) {
    for (const auto& problem : problems) refuse(problem.text());
    return reload_outcome::refused;
  }
  auto open_sealed = unsealer(next.store.master_key);
  if (!open_sealed) return refuse(open_sealed.error().message);
  auto token = admin_token::read(settings_.admin.token);
  if (!token) return refuse(token.error().message);
  const bool same = next == asked_;
  if (!same) {
    if (auto done = take_up(std::move(next)); !done) return refuse(done.error().message);
  }
  if (admin_token_.put(std::move(*token))) log_->info("the admin token was read anew");
  tell(changes);
  store_->reload(std::move(*open_sealed), [this](const result<void>& done) {
    if (done) {
      log_->info("the master key was read anew");
    } else {
      log_->error(done.error().message);
    }
  });
  return same ? reload_outcome::unchanged : reload_outcome::applied;
}

// What can fail comes first, and leaves nothing behind that matters.
result<void> node::take_up(config asked) {
  if (auto noted = note_longer_lives(asked_, asked); !noted) return noted;
  auto roots = open_other_roots(asked_, asked);
  if (!roots) return std::unexpected(roots.error());
  if (auto changed = log_->change(asked.log); !changed) return changed;

  files_->put_roots(std::move(*roots));
  put_in_force(as_it_runs(asked));
  asked_ = std::move(asked);
  return {};
}

// Those before stay: requests under way point into them. One that comes again is not kept twice.
void node::put_in_force(config settings) {
  const auto former = std::ranges::find(later_, settings);
  const auto* next = &settings_;
  if (former != later_.end()) {
    next = &*former;
  } else if (settings != settings_) {
    next = &later_.emplace_back(std::move(settings));
  }
  in_force_ = next;
  load_->set_limits(load_limits(*next));
  store_->set_max_staleness(next->store.max_staleness);
  if (remote_) remote_->prober().put_terms(next->sources);
  for (auto* count : {&*clients_, &*admins_}) {
    count->set_limits(next->http.max_connections, next->http.max_connections_per_address);
  }
  on_each_core([next](core& each) { each.context.settings = next; });
}

void node::tell(const std::vector<config_change>& changes) {
  std::int64_t at_restart = 0;
  for (const auto& [key, from, to, needs_restart] : changes) {
    if (needs_restart) {
      ++at_restart;
      log_->warn("the configuration has a change that needs a restart",
                 {{"key", key}, {"in_force", from}, {"wanted", to}});
    } else {
      log_->info("the configuration has changed", {{"key", key}, {"from", from}, {"to", to}});
    }
  }
  log_->info("the configuration was read anew",
             {{"changed", std::ssize(changes) - at_restart}, {"at_restart", at_restart}});
}

}  // namespace filemint
