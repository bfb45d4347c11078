#include "core/cluster/quota_hub.hpp"

#include "core/quota_ledger.hpp"

#include <algorithm>
#include <variant>

namespace filemint {

quota_hub::quota_hub(node_id self, mono_time started, day_book& days, cluster_timing timing)
    : self_(self),
      timing_(timing),
      view_(self, started, timing),
      logs_(std::move(self)),
      desk_(view_, logs_, days),
      store_read_(started),
      prompted_(started),
      forget_at_(started) {}

void quota_hub::set_members(mono_time now, const std::vector<std::string>& names) {
  view_.set_members(now, names);
}

void quota_hub::post(const instant& now, peer_letter letter) {
  if (letter.to != self_.name) return letters_.push_back(std::move(letter));
  std::visit([&](const auto& what) { take(now, what); }, letter.what);
  pump(now);
}

void quota_hub::receive(const instant& now, const peer_message& message) {
  std::visit([&](const auto& what) { take(now, what); }, message);
  pump(now);
}

void quota_hub::take(const instant& now, const peer_ask& in) {
  if (in.from != self_) {
    if (!view_.live(now.mono, in.from.name)) return;
    note_live(now.mono, neighbours_[in.from.name]);  // it may get a lease
  }
  if (in_contact(now.mono)) desk_.ask(now, in);
}

// ---- heartbeats

void quota_hub::take(const instant& now, const peer_heartbeat& in) {
  const auto result = view_.receive(now.mono, in);
  if (!result.taken) return;
  auto& from = neighbours_[in.from.name];
  if (from.id != in.from) {
    if (!from.written_off) desk_.write_off(now.mono, from.id);
    from = {};
    from.id = in.from;
    from.beat_at = now.mono;
    from.heard_last_live = now.mono;  // it has read the days from the store
  }
  learn(now.mono, from, in);
  // What its sender speaks of no more holds nothing.
  std::erase_if(from.required,
                [&](const log_position& wanted) { return !from.knows.contains(wanted.giver); });
  for (const auto& part : in.parts) {
    logs_.take(now.mono, part, [&](const node_id& giver, const given_logs::entry& entry) {
      desk_.take(now.mono, giver, entry);
    });
  }
  if (result.fresh) {
    from.required = in.known;
    from.required_since = now.mono;
    from.synced = false;
  }
  sync(now.mono);
  desk_.retry(now);
  if (in.prompt) beat(now.mono, in.from.name, false);
}

void quota_hub::learn(mono_time now, neighbour& from, const peer_heartbeat& in) {
  from.knows.clear();
  for (const auto& [giver, position] : in.known) from.knows[giver] = position;
  const auto own = from.knows[self_];
  from.sent_up_to = std::max(from.sent_up_to, own);
  if (in.confirmed_of == self_.incarnation) {
    while (!from.sent.empty() && from.sent.front().first <= in.confirmed) {
      // It has that heartbeat, but not all that was sent up to it.
      if (from.sent.front().second > own) from.sent_up_to = own;
      from.sent.pop_front();
    }
  }
  const auto all = positions(now);
  std::erase_if(from.behind, [&](const auto& each) {
    return from.knows[each.first] >= each.second.position ||
           std::ranges::find(all, each.first, &log_position::giver) == all.end();
  });
  for (const auto& [giver, position] : all) {
    if (giver != self_ && giver != from.id && from.knows[giver] < position) {
      from.behind.try_emplace(giver, lag{position, now});
    }
  }
}

void quota_hub::sync(mono_time now) {
  for (auto& [name, n] : neighbours_) {
    if (n.synced) continue;
    n.synced = now >= n.required_since + given_logs::kept ||
               std::ranges::all_of(n.required, [&](const log_position& wanted) {
                 return wanted.giver == self_ || logs_.known(wanted.giver) >= wanted.position;
               });
    if (n.synced) view_.synced(name);
  }
}

// An empty log of a process that is over is spoken of no more: two nodes would bring it back to
// each other for ever.
std::vector<log_position> quota_hub::positions(mono_time now) const {
  auto all = logs_.positions();
  std::erase_if(all, [&](const log_position& each) {
    if (each.giver == self_ || logs_.holds_any_of(each.giver)) return false;
    const auto at = neighbours_.find(each.giver.name);
    return at == neighbours_.end() || at->second.id != each.giver ||
           !view_.live(now, each.giver.name);
  });
  return all;
}

void quota_hub::beat(mono_time now, const std::string& to, bool prompt) {
  auto& n = neighbours_[to];
  n.beat_at = now + timing_.heartbeat;
  peer_heartbeat out;
  view_.send(now, to, out);
  out.prompt = prompt;
  out.known = positions(now);
  if (auto part = logs_.after(now, self_, n.sent_up_to)) {
    n.sent_up_to = part->first - 1 + part->entries.size();
    out.parts.push_back(std::move(*part));
  }
  n.sent.emplace_back(out.number, n.sent_up_to);
  // What somebody else should have told it long ago, or can't tell any more.
  for (const auto& [giver, lagging] : n.behind) {
    if (view_.live(now, giver.name) && now < lagging.since + timing_.drop) continue;
    if (auto more = logs_.after(now, giver, n.knows[giver])) out.parts.push_back(std::move(*more));
  }
  letters_.push_back({to, std::move(out)});
}

void quota_hub::beat_all(mono_time now, bool prompt) {
  for (const auto& name : view_.peers()) beat(now, name, prompt);
}

// ---- time

void quota_hub::tick(const instant& now) {
  const auto version = view_.version();
  const bool effective = view_.effective();
  view_.update(now.mono, view_.effective());
  if (!view_.effective()) view_.update(now.mono, desk_.hand_over(now.mono));
  write_off_lost(now.mono);
  sync(now.mono);
  desk_.retry(now);
  if (version != view_.version() || effective != view_.effective()) {
    desk_.flush(now.mono);
    beat_all(now.mono, true);
  } else {
    bool flushed = false;
    for (const auto& name : view_.peers()) {
      if (neighbours_[name].beat_at > now.mono) continue;
      if (!std::exchange(flushed, true)) desk_.flush(now.mono);
      beat(now.mono, name, false);
    }
  }
  if (now.mono >= forget_at_) {
    forget_at_ = now.mono + timing_.drop;
    logs_.forget(now.mono);
    desk_.forget(now.mono);
  }
  pump(now);
}

void quota_hub::note_live(mono_time now, neighbour& which) {
  if (now >= which.heard_last_live + missed_days && now >= told_days_ + missed_days) {
    told_days_ = now;
    desk_.tell_days(now);
  }
  which.heard_last_live = now;
  which.written_off = false;
}

// A lease that the lost node holds may be in use until it is over.
void quota_hub::write_off_lost(mono_time now) {
  for (auto& [name, n] : neighbours_) {
    if (view_.live(now, name)) {
      note_live(now, n);
    } else if (!n.written_off && now >= n.heard_last_live + quota_ledger::lease_life) {
      n.written_off = true;
      desk_.write_off(now, n.id);
    }
  }
}

void quota_hub::pump(const instant& now) {
  for (auto& letter : desk_.take_letters()) {
    if (letter.to == self_.name) {
      mail_.push_back(std::move(letter.what));
    } else {
      letters_.push_back(std::move(letter));
    }
  }
  prompt_wanted_ = desk_.take_prompt() || prompt_wanted_;
  if (!prompt_wanted_ || now.mono < prompted_ + prompt_interval) return;
  prompt_wanted_ = false;
  prompted_ = now.mono;
  desk_.flush(now.mono);
  beat_all(now.mono, true);
}

const std::shared_ptr<const quota_routes>& quota_hub::routes(mono_time now) {
  const bool same_owners =
      routes_->version == view_.version() && routes_->before.has_value() != view_.effective();
  if (same_owners && now < routes_until_) return routes_;
  routes_until_ = now + tick_interval;
  if (auto fresh = view_.routes(now); fresh != *routes_) {
    routes_ = std::make_shared<const quota_routes>(std::move(fresh));
  }
  return routes_;
}

// ---- the end

bool quota_hub::left(mono_time now) const {
  return view_.effective() && desk_.companies() == 0 && view_.all_know(now, logs_.written()) &&
         std::ranges::find(view_.candidates().names(), self_.name) ==
             view_.candidates().names().end();
}

void quota_hub::say_goodbye() {
  for (const auto& name : view_.peers()) letters_.push_back({name, peer_goodbye{self_}});
}

}  // namespace filemint
