#include "actors/window_owner.hpp"

#include "actors/guarded.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace filemint::actors {
namespace {

constexpr std::chrono::seconds sweep_interval{60};

}  // namespace

window_owner::behavior_type window_owner::make_behavior() {
  return {
      [this](const quota_ask& ask) { guarded(core_, "window_owner", [&] { take_ask(ask); }); },
      [this](const lease_settled& settled) {
        guarded(core_, "window_owner", [&] {
          auto& w = windows_[settled.company];
          w.ledger.settle(core_.node.now().mono, settled.back);
          answer_waiting(w);
        });
      },
      [this](const quota_tick&) { guarded(core_, "window_owner", [&] { tick(); }); },
      [this](std::size_t core, const limiter_peer& peer) {
        guarded(core_, "window_owner", [&] { know(core, peer.handle()); });
      },
  };
}

void window_owner::on_exit() {
  limiters_.clear();
  windows_.clear();
}

void window_owner::know(std::size_t core, const limiter_actor& limiter) {
  if (limiters_.at(core) == limiter) return;
  const bool replaced{std::exchange(limiters_.at(core), limiter)};
  const auto now = core_.node.now().mono;
  for (auto& [company, w] : windows_) {
    if (replaced) {
      w.ledger.write_off(now, static_cast<quota_holder>(core));
      std::erase_if(w.waiting, [&](const quota_ask& ask) {
        return ask.from == core && ask.asker != limiter.id();
      });
    }
    answer_waiting(w);
  }
}

bool window_owner::knows_asker_of(const quota_ask& ask) const {
  const auto& known = limiters_.at(ask.from);
  return known && known.id() == ask.asker;
}

void window_owner::take_ask(const quota_ask& ask) {
  auto& w = windows_[ask.company];
  if (windows_.size() == 1) schedule_tick(sweep_interval);
  if (ask.ahead) {
    if (!knows_asker_of(ask)) return;
    if (auto grant = w.ledger.renew(core_.node.now().mono, ask.limit, ask.from)) reply(ask, *grant);
    return;
  }
  if (!w.waiting.empty() || !answer(w, ask)) w.waiting.push_back(ask);
}

bool window_owner::answer(window& w, const quota_ask& ask) {
  if (!knows_asker_of(ask)) return false;
  const auto now = core_.node.now().mono;
  auto answer = w.ledger.ask(now, ask.limit, ask.from);
  const auto* wait = std::get_if<quota_wait>(&answer);
  if (wait == nullptr) {
    reply(ask, std::move(answer));
    return true;
  }
  for (const auto& recall : wait->recalls) {
    send(limiters_.at(recall.holder), lease_recalled{ask.company, recall.id});
  }
  schedule_tick(wait->retry_at - now);
  return false;
}

void window_owner::answer_waiting(window& w) {
  while (!w.waiting.empty() && answer(w, w.waiting.front())) w.waiting.pop_front();
}

void window_owner::reply(const quota_ask& ask, quota_answer answer) {
  send(limiters_.at(ask.from), quota_reply{ask.company, ask.ahead, std::move(answer)});
}

void window_owner::tick() {
  next_tick_ = mono_time::max();
  const auto now = core_.node.now().mono;
  for (auto at = windows_.begin(); at != windows_.end();) {
    auto& w = at->second;
    answer_waiting(w);
    at = w.waiting.empty() && w.ledger.idle(now) ? windows_.erase(at) : std::next(at);
  }
  if (!windows_.empty()) schedule_tick(sweep_interval);
}

void window_owner::schedule_tick(std::chrono::nanoseconds in) {
  const auto at = core_.node.now().mono + std::max(in, std::chrono::nanoseconds{0});
  if (at >= next_tick_) return;
  next_tick_ = at;
  delayed_send(this, std::max(in, std::chrono::nanoseconds{0}), quota_tick{});
}

}  // namespace filemint::actors
