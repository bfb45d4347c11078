#include "actors/window_owner.hpp"

#include "actors/guarded.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace filemint::actors {
namespace {

constexpr std::chrono::seconds sweep_interval{60};

}  // namespace

window_owner::behavior_type window_owner::make_behavior() {
  if (!core_.quotas.empty()) schedule_tick(sweep_interval);
  return {
      [this](const quota_ask& ask) { guarded(core_, "window_owner", [&] { take_ask(ask); }); },
      [this](const lease_settled& settled) {
        guarded(core_, "window_owner", [&] {
          quota_of(settled.company).calls.settle(core_.node.now().mono, settled.back);
          if (const auto at = waiting_.find(settled.company); at != waiting_.end()) {
            answer_waiting(at->second);
          }
        });
      },
      [this](const leases_held& held) { guarded(core_, "window_owner", [&] { take_held(held); }); },
      [this](const paths_spent& spent) {
        guarded(core_, "window_owner",
                [&] { quota_of(spent.company).spend(core_.node.now().mono, spent.paths); });
      },
      [this](const throttle_ask& ask) {
        guarded(core_, "window_owner", [&] {
          auto& quota = quota_of(ask.company);
          ask.done(quota.ask_throttle(core_.node.now(), ask.terms, core_.node.days));
        });
      },
      [this](const quota_tick&) { guarded(core_, "window_owner", [&] { tick(); }); },
      [this](std::size_t core, const window_limiter_peer& peer) {
        guarded(core_, "window_owner", [&] { know(core, peer.handle); });
      },
  };
}

void window_owner::on_exit() {
  limiters_.clear();
  waiting_.clear();
}

company_quota& window_owner::quota_of(std::uint32_t company) {
  auto& quota = core_.quotas[company];
  if (next_tick_ == mono_time::max()) schedule_tick(sweep_interval);
  return quota;
}

void window_owner::know(std::size_t core, const window_limiter_actor& limiter) {
  if (limiters_.at(core) == limiter) return;
  const bool replaced{std::exchange(limiters_.at(core), limiter)};
  if (replaced) {
    const auto now = core_.node.now().mono;
    for (auto& [company, quota] : core_.quotas) {
      quota.calls.write_off(now, static_cast<quota_holder>(core));
    }
  }
  for (auto& [company, waiting] : waiting_) {
    if (replaced) {
      std::erase_if(waiting, [&](const quota_ask& ask) {
        return ask.from == core && ask.asker != limiter.id();
      });
    }
    answer_waiting(waiting);
  }
}

void window_owner::take_held(const leases_held& held) {
  std::unordered_map<std::uint32_t, lease_id> kept;
  for (const auto& [company, id] : held.leases) kept.emplace(company, id);
  const auto now = core_.node.now().mono;
  for (auto& [company, quota] : core_.quotas) {
    const auto at = kept.find(company);
    quota.calls.write_off(now, held.from, at == kept.end() ? 0 : at->second);
  }
  answer_all_waiting();
}

bool window_owner::knows_asker_of(const quota_ask& ask) const {
  const auto& known = limiters_.at(ask.from);
  return known && known.id() == ask.asker;
}

void window_owner::take_ask(const quota_ask& ask) {
  if (ask.ahead) {
    if (!knows_asker_of(ask)) return;
    auto& calls = quota_of(ask.company).calls;
    if (auto grant = calls.renew(core_.node.now().mono, ask.limit, ask.from)) reply(ask, *grant);
    return;
  }
  const auto waiting = waiting_.find(ask.company);
  if (waiting != waiting_.end() && !waiting->second.empty()) {
    waiting->second.push_back(ask);
  } else if (!answer(ask)) {
    waiting_[ask.company].push_back(ask);
  }
}

bool window_owner::answer(const quota_ask& ask) {
  if (!knows_asker_of(ask)) return false;
  const auto now = core_.node.now();
  auto& quota = quota_of(ask.company);
  auto answer = ask.terms ? quota.ask(now, ask.limit, *ask.terms, core_.node.days)
                          : quota.calls.ask(now.mono, ask.limit, ask.from);
  const auto* wait = std::get_if<quota_wait>(&answer);
  if (wait == nullptr) {
    reply(ask, std::move(answer));
    return true;
  }
  for (const auto& recall : wait->recalls) {
    send(limiters_.at(recall.holder), lease_recalled{ask.company, recall.id});
  }
  schedule_tick(wait->retry_at - now.mono);
  return false;
}

void window_owner::answer_waiting(queue& waiting) {
  while (!waiting.empty() && answer(waiting.front())) waiting.pop_front();
}

void window_owner::answer_all_waiting() {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    answer_waiting(at->second);
    at = at->second.empty() ? waiting_.erase(at) : std::next(at);
  }
}

void window_owner::reply(const quota_ask& ask, quota_answer answer) {
  send(limiters_.at(ask.from), quota_reply{ask.company, ask.ahead, std::move(answer), ask.call});
}

void window_owner::tick() {
  next_tick_ = mono_time::max();
  answer_all_waiting();
  const auto now = core_.node.now().mono;
  for (auto at = core_.quotas.begin(); at != core_.quotas.end();) {
    at = at->second.idle(now) ? core_.quotas.erase(at) : std::next(at);
  }
  if (!core_.quotas.empty()) schedule_tick(sweep_interval);
}

void window_owner::schedule_tick(std::chrono::nanoseconds in) {
  const auto at = core_.node.now().mono + std::max(in, std::chrono::nanoseconds{0});
  if (at >= next_tick_) return;
  next_tick_ = at;
  delayed_send(this, std::max(in, std::chrono::nanoseconds{0}), quota_tick{});
}

}  // namespace filemint::actors
