#include "core/cluster/cluster_view.hpp"

#include "core/quota_ledger.hpp"
#include "core/rate_window.hpp"

#include <algorithm>
#include <ranges>

namespace filemint {

cluster_view::cluster_view(node_id self, mono_time started, cluster_timing timing)
    : self_(std::move(self)),
      started_(started),
      timing_(timing),
      agree_at_(started),
      settles_at_(started + timing.settle) {}

void cluster_view::set_members(mono_time now, const std::vector<std::string>& names) {
  for (auto& [name, p] : peers_) p.listed = false;
  for (const auto& name : names) {
    if (name == self_.name) continue;
    auto& p = peers_[name];
    p.id.name = name;
    p.listed = true;
  }
  std::erase_if(peers_, [&](const auto& each) {
    return !each.second.listed && !live(now, each.second) && !counting_.contains(each.first) &&
           std::ranges::find(supports_.names(), each.first) == supports_.names().end();
  });
}

// Incarnations are told by wall clocks, and one may have been set back: the next process of that
// name has a lower one then.
bool cluster_view::is_over(mono_time now, const peer& p) const {
  return p.gone || now >= p.heard + timing_.drop + timing_.take_over;
}

void cluster_view::restart(peer& p, const node_id& id) {
  // It confirms only what it has got itself, and nobody can count on this node in its name before.
  counting_.erase(id.name);
  peer anew;
  anew.id = id;
  anew.listed = p.listed;
  anew.sent_number = p.sent_number;
  anew.sent = std::move(p.sent);
  p = std::move(anew);
}

void cluster_view::send(mono_time now, const std::string& to, peer_heartbeat& out) {
  auto& p = peers_.at(to);
  out.from = self_;
  out.number = ++p.sent_number;
  p.sent.emplace_back(out.number, now);
  // Older ones say nothing any more if they are confirmed.
  while (p.sent.front().second + timing_.drop + timing_.take_over <= now) p.sent.pop_front();
  out.confirmed_of = p.id.incarnation;
  out.confirmed = p.heard_number;
  out.version = version_;
  out.effective = effective_;
  out.candidates = candidates_.names();
  for (const auto& [name, each] : peers_) {
    if (live(now, each)) out.hears.push_back(name);
  }
  out.dropped = dropped_;
  out.seasoned = seasoned_;
  out.leaving = leaving_;
}

cluster_view::received cluster_view::receive(mono_time now, const peer_heartbeat& in) {
  if (in.from.name == self_.name) return {};
  auto& p = peers_[in.from.name];
  if (in.from.incarnation < p.id.incarnation && !is_over(now, p)) return {};
  if (in.from.incarnation != p.id.incarnation) {
    restart(p, in.from);
    p.changed = now;
  }
  if (in.number <= p.heard_number || p.gone) return {};
  p.heard_number = in.number;
  p.heard = now;
  if (in.confirmed_of == self_.incarnation && in.confirmed > p.confirmed_number) {
    p.confirmed_number = in.confirmed;
    while (!p.sent.empty() && p.sent.front().first <= in.confirmed) {
      p.confirmed_sent = p.sent.front().second;
      p.sent.pop_front();
    }
  }
  p.seasoned = in.seasoned;
  p.leaving = in.leaving;
  p.hears = in.hears;
  p.dropped = in.dropped;
  if (in.version != p.version) {
    p.version = in.version;
    p.changed = now;
    p.candidates = candidate_set{in.candidates};
  }
  received result{.taken = true};
  if (in.effective != p.effective) {
    p.effective = in.effective;
    p.changed = now;
    p.synced = false;
    // Of candidates that were not heard while they held it can't be told whom they led to.
    p.supports = in.effective == in.version ? p.candidates : candidate_set{};
    result.fresh = true;
  }
  for (const auto& [giver, position] : in.known) {
    if (giver == self_) p.knows = position;
  }
  return result;
}

void cluster_view::receive(const peer_goodbye& in) {
  const auto at = peers_.find(in.from.name);
  if (at == peers_.end() || in.from.incarnation < at->second.id.incarnation) return;
  if (in.from.incarnation > at->second.id.incarnation) restart(at->second, in.from);
  at->second.gone = true;
  counting_.erase(in.from.name);
}

void cluster_view::synced(const std::string& name) {
  if (const auto at = peers_.find(name); at != peers_.end()) at->second.synced = true;
}

void cluster_view::update(mono_time now, bool drained) {
  std::vector<disagreements::peer> alive;
  for (auto& [name, p] : peers_) {
    if (!live(now, p)) continue;
    if (p.synced) p.met = true;
    alive.push_back({name, &p.hears});
  }
  if (now >= agree_at_) {
    agree_at_ = now + timing_.heartbeat;
    dropped_ = disagreements_.to_drop(now, alive);
  }
  std::vector<std::string> names;
  for (const auto& each : alive) {
    const auto& p = peers_.at(each.name);
    const bool agrees = std::ranges::find(dropped_, each.name) == dropped_.end() &&
                        std::ranges::find(p.dropped, self_.name) == p.dropped.end();
    if (p.seasoned && !p.leaving && agrees) names.push_back(each.name);
  }
  seasoned_ = seasoned_ || has_met_all(now);
  if (seasoned_ && !leaving_) names.insert(std::ranges::lower_bound(names, self_.name), self_.name);

  if (names != candidates_.names()) {
    departed_ = now;
    for (const auto& name : supports_.names()) {
      if (name == self_.name || peers_.at(name).gone) continue;
      counting_.insert(name);
      peers_.at(name).departed_number = peers_.at(name).sent_number;
    }
    candidates_ = candidate_set{std::move(names)};
    ++version_;
  }
  if (effective()) return;
  std::erase_if(counting_, [&](const std::string& name) { return released(now, name); });
  if (!counting_.empty() || !drained) return;
  effective_ = version_;
  supports_ = candidates_;
  settles_at_ = now + timing_.settle;
}

bool cluster_view::released(mono_time now, const std::string& name) const {
  const auto& p = peers_.at(name);
  return p.gone || p.confirmed_number > p.departed_number || now >= p.heard + timing_.take_over ||
         now >= departed_ + timing_.take_over;
}

std::optional<std::string_view> cluster_view::owner_of(std::uint64_t company_hash) const {
  return agreed_owner(candidates_, effective() ? nullptr : &supports_, company_hash);
}

quota_routes cluster_view::routes(mono_time now) const {
  quota_routes all{
      .self = self_, .version = version_, .candidates = candidates_, .before = {}, .live = {}};
  if (!effective()) all.before = supports_;
  for (const auto& [name, p] : peers_) {
    if (live(now, p)) all.live.push_back(name);
  }
  return all;
}

bool cluster_view::supports_self(const peer& p, std::uint64_t company_hash) const {
  if (p.effective == p.version) return p.supports.owner_of(company_hash) == self_.name;
  return p.supports.owner_of(company_hash) == self_.name &&
         p.candidates.owner_of(company_hash) == self_.name;
}

const quota_support& cluster_view::support_of(mono_time now, std::uint64_t company_hash) {
  support_.nodes = nodes();
  support_.supporters = 0;
  support_.known.clear();
  support_.settled = effective() || now >= departed_ + timing_.settle;
  const auto own = owner_of(company_hash);
  if (own != self_.name) return support_;
  support_.supporters = 1;
  for (const auto& [name, p] : peers_) {
    if (live(now, p) && p.seasoned && p.synced && supports_self(p, company_hash)) {
      ++support_.supporters;
      support_.known.push_back(p.knows);
    } else if (p.id.incarnation != 0 && !p.gone && now < p.heard + timing_.take_over) {
      // It may support this node soon.
      if (now < std::max(settles_at_, p.changed + timing_.settle)) support_.settled = false;
    }
  }
  return support_;
}

bool cluster_view::in_contact(mono_time now, mono_time store_read) const {
  auto last = std::max(store_read, started_);
  bool alone = true;
  for (const auto& [name, p] : peers_) {
    if (p.gone) continue;
    alone = false;
    if (p.id.incarnation != 0) last = std::max(last, p.heard);
  }
  return alone || now < last + timing_.isolation;
}

bool cluster_view::live(mono_time now, const std::string& name) const {
  const auto at = peers_.find(name);
  return at != peers_.end() && live(now, at->second);
}

bool cluster_view::has_met_all(mono_time now) const {
  // What was admitted out of the last lease of whoever still counted on an earlier process of its
  // name.
  if (now >= started_ + timing_.drop + quota_ledger::lease_life + window_length) return true;
  return std::ranges::all_of(peers_,
                             [](const auto& each) { return each.second.met || each.second.gone; });
}

std::vector<std::string> cluster_view::peers() const {
  std::vector<std::string> names;
  for (const auto& [name, p] : peers_) {
    if (!p.gone) names.push_back(name);
  }
  return names;
}

std::uint32_t cluster_view::nodes() const {
  std::uint32_t n = 1;
  for (const auto& [name, p] : peers_) {
    if (!p.gone && (p.listed || p.id.incarnation != 0)) ++n;
  }
  return n;
}

bool cluster_view::all_know(mono_time now, std::uint64_t position) const {
  return std::ranges::all_of(peers_, [&](const auto& each) {
    return !live(now, each.second) || each.second.knows >= position;
  });
}

}  // namespace filemint
