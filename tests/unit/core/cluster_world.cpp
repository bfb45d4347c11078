#include "tests/unit/core/cluster_world.hpp"

#include <algorithm>
#include <sstream>

namespace filemint::testing {
namespace {

constexpr auto deadline = 10s;  // of a call
// A world of more companies is there for its figures, and has no faults.
constexpr std::size_t most_watched = 100;

std::string seconds(nanoseconds t) {
  std::ostringstream out;
  out.precision(3);
  out << std::fixed << std::chrono::duration<double>(t).count() << " s";
  return out.str();
}

}  // namespace

cluster_world::cluster_world(world_setup setup)
    : setup_(std::move(setup)),
      random_(setup_.seed),
      procs_(setup_.nodes),
      links_(setup_.nodes, std::vector<link>(setup_.nodes)),
      admissions_(setup_.limits.size()),
      lost_with_kills_(setup_.limits.size()) {
  for (std::size_t i = 0; i < setup_.nodes; ++i) {
    names_.push_back("node-" + std::to_string(i));
    number_of_node_[names_.back()] = i;
  }
  for (std::size_t i = 0; i < setup_.limits.size(); ++i) {
    companies_.push_back("co_" + std::to_string(random(1'000'000)) + std::to_string(i));
    number_of_company_[companies_.back()] = i;
  }
  for (std::size_t i = 0; i < setup_.nodes; ++i) {
    procs_[i].skew = std::chrono::milliseconds{static_cast<std::int64_t>(random(1'001)) - 500};
    start(i);
  }
}

instant cluster_world::clock_of(const process& p) const {
  const auto wall = std::chrono::floor<std::chrono::seconds>(now_ + 1'800'000'000s + p.skew);
  return {wall_time{wall}, mono_time{p.epoch + now_}};
}

void cluster_world::at(nanoseconds when, std::function<void()> what, std::string told) {
  if (!told.empty()) {
    what = [this, what = std::move(what), told = std::move(told)] {
      story_.push_back(seconds(now_) + ": " + told);
      what();
    };
  }
  events_.push({when, order_++, std::move(what)});
}

void cluster_world::run_until(nanoseconds end) {
  while (!events_.empty() && events_.top().when <= end) {
    auto next = std::move(const_cast<event&>(events_.top()));
    events_.pop();
    now_ = next.when;
    next.what();
  }
  now_ = end;
}

// ---- processes

void cluster_world::start(std::size_t node) {
  auto& p = procs_[node];
  if (p.node) return;
  ++p.incarnation;
  p.epoch = std::chrono::hours{static_cast<std::int64_t>(1 + random(100'000))};
  p.draining = false;
  p.waiting.assign(companies_.size(), {});
  p.given.clear();
  const auto now = clock_of(p).mono;
  p.node = std::make_unique<quota_node>(node_id{names_[node], p.incarnation}, now);
  p.node->set_members(now, names_);
  at(now_ + nanoseconds{random(25'000'000)},
     [this, node, incarnation = p.incarnation] { tick(node, incarnation); });
}

void cluster_world::kill(std::size_t node) {
  auto& p = procs_[node];
  if (!p.node) return;
  const node_id self{names_[node], p.incarnation};
  std::uint64_t known = 0;
  for (const auto& other : procs_) {
    if (other.node && &other != &p) known = std::max(known, other.node->logs().known(self));
  }
  std::vector<std::uint64_t> unknown(companies_.size());
  if (const auto part = p.node->logs().after(clock_of(p).mono, self, known)) {
    for (const auto& entry : part->entries) {
      if (entry.company.empty()) continue;
      unknown[number_of_company_.at(entry.company)] += entry.calls + entry.leased;
    }
  }
  for (std::size_t c = 0; c < companies_.size(); ++c) {
    const auto given = p.node->desk().given(companies_[c]);
    const auto before = p.given.empty() ? 0 : p.given.front().second[c];
    // A lease that came back meanwhile stands in two entries.
    const auto in_a_tick = 2 * (given.all - std::min(given.all, before));
    const auto lost = unknown[c] + given.unwritten;
    lost_with_kills_[c].calls += lost;
    lost_with_kills_[c].beyond_a_tick += lost - std::min(lost, in_a_tick);
  }
  p.node.reset();
}

void cluster_world::note_given(std::size_t node) {
  auto& p = procs_[node];
  // A heartbeat, the tick that sends it, and its way.
  const auto tick_ago = now_ - 250ms - quota_hub::tick_interval - setup_.slowest;
  while (p.given.size() > 1 && p.given[1].first <= tick_ago) p.given.pop_front();
  auto& [when, all] = p.given.emplace_back(now_, std::vector<std::uint64_t>{});
  for (const auto& company : companies_) all.push_back(p.node->desk().given(company).all);
}

void cluster_world::drain(std::size_t node) {
  auto& p = procs_[node];
  if (!p.node) return;
  p.draining = true;
  p.node->leave();
}

void cluster_world::tick(std::size_t node, std::uint64_t incarnation) {
  auto& p = procs_[node];
  if (!p.node || p.incarnation != incarnation) return;
  const auto now = clock_of(p);
  if (!p.store_cut) p.node->store_was_read(now.mono);
  p.node->tick(now);
  if (companies_.size() <= most_watched) {
    give_up_late(node);
    note_given(node);
  }
  after(node);
  if (p.draining && p.node->left(now.mono)) {
    p.node->say_goodbye();
    after(node);
    p.node.reset();
    story_.push_back(seconds(now_) + ": " + names_[node] + " has left");
    return;
  }
  at(now_ + quota_hub::tick_interval, [this, node, incarnation] { tick(node, incarnation); });
}

// ---- calls

void cluster_world::call(std::size_t node, std::size_t company, std::uint32_t calls) {
  auto& p = procs_[node];
  if (!p.node) return;
  const auto now = clock_of(p);
  if (!p.node->in_contact(now.mono)) return;
  const auto passed = p.node->admit(now, companies_[company], setup_.limits[company], calls);
  admit(node, company, passed);
  if (passed < calls) p.waiting[company].push_back({now_, calls - passed});
  after(node);
}

void cluster_world::call_singly(std::size_t node, std::size_t company, const call_terms& terms) {
  auto& p = procs_[node];
  if (!p.node) return;
  (void)p.node->ask_singly(clock_of(p), companies_[company], setup_.limits[company], terms);
  after(node);
}

void cluster_world::spend(std::size_t node, std::size_t company, std::uint64_t tokens) {
  procs_[node].node->spend(companies_[company], tokens);
  after(node);
}

void cluster_world::admit(std::size_t node, std::size_t company, std::uint64_t calls) {
  if (calls == 0) return;
  auto& log = admissions_[company];
  if (!log.empty() && log.back().at == now_ && log.back().node == node) {
    log.back().calls += calls;
  } else {
    log.push_back({now_, static_cast<std::uint32_t>(node), calls});
  }
}

void cluster_world::give_up_late(std::size_t node) {
  auto& p = procs_[node];
  for (std::size_t c = 0; c < companies_.size(); ++c) {
    auto& waiting = p.waiting[c];
    while (!waiting.empty() && waiting.front().since + deadline <= now_) {
      seen.timed_out += waiting.front().calls;
      story_.push_back(seconds(now_) + ": " + std::to_string(waiting.front().calls) + " calls of " +
                       companies_[c] + " waited too long at " + names_[node]);
      p.node->give_up(companies_[c], waiting.front().calls);
      waiting.pop_front();
    }
  }
}

void cluster_world::after(std::size_t node) {
  auto& p = procs_[node];
  for (auto& letter : p.node->take_letters()) send(node, std::move(letter));
  for (const auto& outcome : p.node->take_outcomes()) {
    const auto company = number_of_company_.at(outcome.company);
    admit(node, company, outcome.admitted);
    seen.refused += outcome.refused;
    seen.throttled += outcome.throttled;
    if (outcome.call != 0) continue;
    auto& waiting = p.waiting[company];
    for (auto left = outcome.admitted + outcome.refused; left != 0 && !waiting.empty();) {
      auto& first = waiting.front();
      const auto some = std::min(left, first.calls);
      seen.longest_wait = std::max(seen.longest_wait, now_ - first.since);
      left -= some;
      if ((first.calls -= some) == 0) waiting.pop_front();
    }
  }
}

// ---- letters

void cluster_world::slow_down(nanoseconds fastest, nanoseconds slowest) {
  setup_.fastest = fastest;
  setup_.slowest = slowest;
}

void cluster_world::send(std::size_t from, peer_letter letter) {
  ++seen.letters;
  if (const auto* beat = std::get_if<peer_heartbeat>(&letter.what)) {
    ++seen.heartbeats;
    seen.bytes += 80 + 24 * beat->known.size();
    for (const auto& name : beat->candidates) seen.bytes += 1 + name.size();
    for (const auto& name : beat->hears) seen.bytes += 1 + name.size();
    for (const auto& part : beat->parts) {
      seen.entries += part.entries.size();
      for (const auto& entry : part.entries) seen.bytes += 33 + entry.company.size();
    }
  } else {
    seen.bytes += 100;
  }
  const auto to = number_of_node_.at(letter.to);
  auto& way = links_[from][to];
  if (way.cut || random(1'000) < setup_.lost_per_mille) return;
  const auto spread = static_cast<std::uint64_t>((setup_.slowest - setup_.fastest).count());
  way.last = std::max(way.last, now_ + setup_.fastest + nanoseconds{random(spread + 1)});
  at(way.last, [this, to, incarnation = procs_[to].incarnation, &way,
                what = std::make_shared<peer_message>(std::move(letter.what))] {
    auto& p = procs_[to];
    if (way.cut || !p.node || p.incarnation != incarnation) return;
    p.node->receive(clock_of(p), *what);
    after(to);
  });
}

// ---- what has happened

cluster_world::fullest_span cluster_world::fullest(std::size_t company) const {
  const auto& log = admissions_[company];
  fullest_span most;
  std::uint64_t sum = 0;
  std::size_t first = 0;
  for (const auto& each : log) {
    sum += each.calls;
    while (log[first].at + window_length <= each.at) sum -= log[first++].calls;
    if (sum > most.calls) most = {sum, each.at};
  }
  return most;
}

std::uint64_t cluster_world::admitted(std::size_t company, nanoseconds from, nanoseconds to) const {
  std::uint64_t sum = 0;
  for (auto each = admissions_[company].rbegin(); each != admissions_[company].rend(); ++each) {
    if (each->at < from) break;
    if (each->at < to || to == now_) sum += each->calls;
  }
  return sum;
}

std::size_t cluster_world::owner_of(std::size_t company) const {
  const auto hash = stable_hash(companies_[company]);
  return number_of_node_.at(std::string{candidate_set{names_}.owner_of(hash)});
}

std::string cluster_world::history(std::size_t company) const {
  const auto span = fullest(company);
  std::ostringstream out;
  out << "seed " << setup_.seed << ", " << setup_.nodes << " nodes, limit "
      << setup_.limits[company] << ", letters take " << setup_.fastest.count() / 1'000 << " to "
      << setup_.slowest.count() / 1'000 << " us, " << setup_.lost_per_mille
      << " in 1000 lost; company " << companies_[company] << " is node-" << owner_of(company)
      << "'s\n";
  for (const auto& line : story_) out << "  " << line << "\n";
  out << "  " << span.calls << " were admitted in the 60 s up to " << seconds(span.end)
      << "; by second and node:\n";
  std::map<std::int64_t, std::vector<std::uint64_t>> table;
  for (const auto& each : admissions_[company]) {
    if (each.at + window_length <= span.end || each.at > span.end) continue;
    auto& row = table[std::chrono::floor<std::chrono::seconds>(each.at).count()];
    row.resize(setup_.nodes);
    row[each.node] += each.calls;
  }
  for (const auto& [second, row] : table) {
    out << "  " << second << ":";
    for (const auto calls : row) out << " " << calls;
    out << "\n";
  }
  return out.str();
}

}  // namespace filemint::testing
