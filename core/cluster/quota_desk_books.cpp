// What comes back to the desk, what other nodes' logs tell it, and what it writes into its own.
#include "core/cluster/quota_desk.hpp"

#include <algorithm>
#include <iterator>

namespace filemint {
namespace {

constexpr std::size_t days_an_entry = 16;

}  // namespace

// ---- what comes back

void quota_desk::give_back(const instant& now, const peer_return& back) {
  letters_.push_back(
      {back.from.name, peer_return_taken{view_.self(), back.core, back.company, back.id}});
  // A process that has just started knows nothing of what an earlier one of its name has admitted.
  if (!holders_.contains({back.from, back.core})) return;
  const auto at = owned_.find(back.company);
  if (at == owned_.end()) return;
  auto& [company, of] = *at;
  quota_settlement settled{back.id, {}};
  std::uint64_t calls = 0;
  for (const auto& then : back.admissions) {
    settled.admissions.push_back({tick_of(now.mono - then.age), then.calls});
    calls += then.calls;
  }
  const auto before = of.quota.calls.leased();
  of.quota.calls.settle(now.mono, settled);
  if (of.quota.calls.leased() == before) return;  // it came already, or was written off
  gave(company, of, calls, 0);
  answer_waiting(now, company, of);
}

// Whoever owns the company by now reads it in this node's log.
void quota_desk::spend(mono_time now, const peer_spent& spent) {
  if (!owned_.contains(spent.company) && !view_.to_own(stable_hash(spent.company))) {
    logs_.write({.company = spent.company, .tokens = spent.paths, .at = now, .days = {}});
    return;
  }
  auto& of = owned_of(now, spent.company);
  of.quota.spend(now, spent.paths);
  of.tokens += spent.paths;
  gave(spent.company, of, 0, 0);
}

void quota_desk::write_off(mono_time now, const node_id& holder) {
  days_.inherit();
  for (const auto& [name, number] : holders_) {
    if (name.first != holder) continue;
    for (auto& [company, of] : owned_) {
      const auto before = of.quota.calls.leased();
      of.quota.calls.write_off(now, number);
      if (const auto lost = before - of.quota.calls.leased(); lost != 0) gave(company, of, lost, 0);
    }
  }
}

// ---- other nodes' logs

quota_desk::owned& quota_desk::owned_of(mono_time now, const std::string& company) {
  if (const auto at = owned_.find(company); at != owned_.end()) return at->second;
  if (imported_ != view_.version()) import_all();
  auto& of = owned_[company];
  of.hash = stable_hash(company);
  if (const auto told = imports_.extract(company); !told.empty()) {
    for (const auto& [giver, entry] : told.mapped()) apply(now, of, giver, entry);
  }
  return of;
}

void quota_desk::import_all() {
  imports_.clear();
  imported_ = view_.version();
  logs_.each([&](const node_id& giver, const given_logs::entry& entry) {
    if (entry.company.empty() || owned_.contains(entry.company)) return;
    if (!view_.to_own(stable_hash(entry.company))) return;
    imports_[entry.company].emplace_back(giver, entry);
  });
}

void quota_desk::take(mono_time now, const node_id& giver, const given_logs::entry& entry) {
  for (const auto& [key, count] : entry.days) days_.raise(key, count);
  if (entry.company.empty()) return;
  if (const auto at = owned_.find(entry.company); at != owned_.end()) {
    apply(now, at->second, giver, entry);
  } else if (imported_ == view_.version() && view_.to_own(stable_hash(entry.company))) {
    imports_[entry.company].emplace_back(giver, entry);
  }
}

void quota_desk::apply(mono_time now, owned& to, const node_id& giver,
                       const given_logs::entry& entry) {
  to.quota.calls.add(now, tick_of(entry.at), entry.calls);
  to.quota.spend(now, tick_of(entry.at), entry.tokens);
  std::erase_if(to.foreign, [&](const foreign_lease& f) { return f.giver == giver; });
  if (entry.leased == 0) return;
  to.foreign.push_back({giver, entry.leased, entry.at + quota_ledger::lease_life});
}

std::uint64_t quota_desk::foreign_leased(mono_time now, owned& of) {
  std::uint64_t all = 0;
  std::erase_if(of.foreign, [&](const foreign_lease& f) {
    if (now < f.until + late_report) {
      all += f.amount;
      return false;
    }
    of.quota.calls.add(now, tick_of(f.until), f.amount);
    return true;
  });
  return all;
}

// ---- this node's log

void quota_desk::flush(mono_time now) {
  for (const auto& company : std::exchange(dirty_, {})) {
    if (const auto at = owned_.find(company); at != owned_.end()) write(now, company, at->second);
  }
}

void quota_desk::write(mono_time now, const std::string& company, owned& of) {
  of.dirty = false;
  const auto leased = of.quota.calls.leased();
  if (of.given == 0 && of.risked == 0 && of.tokens == 0 && leased == of.leased_told &&
      of.days.empty()) {
    return;
  }
  given_logs::entry entry{.company = company,
                          .calls = std::exchange(of.given, 0),
                          .leased = leased,
                          .tokens = std::exchange(of.tokens, 0),
                          .at = std::max(now, of.admitted_by),
                          .days = {}};
  for (const auto& key : std::exchange(of.days, {})) {
    entry.days.push_back({key, days_.find(key)});
  }
  const auto position = logs_.write(std::move(entry));
  of.leased_told = leased;
  if (of.risked != 0) of.unknown.push_back({position, std::exchange(of.risked, 0)});
}

void quota_desk::tell_days(mono_time now) {
  auto all = days_.all();
  for (std::size_t at = 0; at < all.size(); at += days_an_entry) {
    const auto count = std::min(days_an_entry, all.size() - at);
    const auto from = std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(at));
    logs_.write(
        {.company = {}, .at = now, .days = {from, from + static_cast<std::ptrdiff_t>(count)}});
  }
}

bool quota_desk::hand_over(mono_time now) {
  bool done = true;
  for (auto at = owned_.begin(); at != owned_.end();) {
    auto& [company, of] = *at;
    if (view_.to_own(of.hash)) {
      of.leaving.reset();
      ++at;
      continue;
    }
    if (!of.leaving) {
      of.leaving = now;
      of.waiting.clear();
      waiting_.erase(company);
      send_recalls(company, of.quota.calls.recall_all());
    }
    const bool over = now >= *of.leaving + quota_ledger::lease_life;
    if (of.quota.calls.leases() != 0 && !over) {
      done = false;
      ++at;
      continue;
    }
    of.given += of.quota.calls.leased();  // lost, or on their way, and over
    for (const auto& [name, holder] : holders_) of.quota.calls.write_off(now, holder);
    write(now, company, of);
    at = owned_.erase(at);
  }
  return done;
}

void quota_desk::forget(mono_time now) {
  for (auto at = owned_.begin(); at != owned_.end();) {
    auto& [company, of] = *at;
    const bool idle = of.waiting.empty() && of.foreign.empty() && of.quota.idle(now);
    if (idle) write(now, company, of);
    at = idle ? owned_.erase(at) : std::next(at);
  }
}

}  // namespace filemint
