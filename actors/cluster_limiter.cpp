#include "actors/cluster_limiter.hpp"

#include "actors/admission.hpp"
#include "actors/guarded.hpp"
#include "core/caller_limits.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace filemint::actors {
namespace {

// A lease that is over is given back, and a lost letter written again, so much late at most.
constexpr std::chrono::milliseconds tick_interval{250};

quota_admission admission_of(const quota_asker::outcome& how, mono_time now) {
  return {how.window.limit, how.window.remaining, now + how.window.reset, how.category};
}

}  // namespace

cluster_limiter::behavior_type cluster_limiter::make_behavior() {
  asker_.give_up_all();  // those of a limiter before were answered when it ended
  const auto work = [this](auto what) {
    guarded(core_, "limiter", [&] {
      const auto now = core_.node.now().mono;
      what(now);
      settle(now);
    });
  };
  return {
      [this](const authenticated& call) { guarded(core_, "limiter", [&] { limit(call); }); },
      [this, work](const paths_spent& spent) {
        work([&](mono_time) { asker_.spend(id_of(spent.company), spent.paths); });
      },
      [this](const throttle_ask& ask) { guarded(core_, "limiter", [&] { ask_throttle(ask); }); },
      [this](const quota_tick&) { guarded(core_, "limiter", [&] { tick(); }); },
      [this](const dispatcher_actor& next) { next_ = next; },
      [this, work](const mail_delivered& delivered) {
        work([&](mono_time now) {
          for (const auto& each : delivered.mail) {
            if (const auto* answer = std::get_if<peer_answer>(&each))
              give_up_oldest(answer->company);
            asker_.take(now, each);
          }
        });
      },
      [this, work](const routes_changed& changed) {
        work([&](mono_time now) {
          asker_.follow(changed.routes);
          asker_.tick(now);
        });
      },
      [this](const quota_relay_actor& relay) { relay_ = relay; },
  };
}

void cluster_limiter::on_exit() {
  next_ = nullptr;
  relay_ = nullptr;
  waiting_.clear();
  singles_.clear();
  throttles_.clear();
}

void cluster_limiter::limit(const authenticated& call) {
  const auto now = core_.node.now().mono;
  const auto& who = call->notes.who;
  const auto& settings = core_.settings->mint;
  const auto limit = call_limit(*who.caller, settings);
  const auto tokens = token_limit(*who.caller, settings);
  const auto terms = throttle_of(who, settings);
  if (tokens != 0 || terms.any()) {
    const auto number = asker_.ask_singly(now, who.caller->id, limit,
                                          {std::string{who.key->id_view()}, terms, tokens});
    singles_.emplace(number, call);
    return settle(now);
  }
  const auto how = asker_.admit(now, who.caller->id, limit);
  if (const auto* passes = std::get_if<quota_admission>(&how)) {
    admit(call, *passes);
  } else if (const auto* why = std::get_if<quota_refusal>(&how)) {
    return admission::refuse(call, *why, now);
  } else {
    waiting_[who.caller->id].push_back(call);
  }
  settle(now);
}

void cluster_limiter::admit(const authenticated& call, const quota_admission& how) {
  if (const auto on = admission::pass(core_, call, how)) send(next_, *on);
}

void cluster_limiter::ask_throttle(const throttle_ask& ask) {
  const auto now = core_.node.now().mono;
  throttles_.emplace(asker_.ask_throttle(now, id_of(ask.company), ask.terms), ask.done);
  settle(now);
}

void cluster_limiter::settle(mono_time now) {
  if (auto letters = asker_.take_letters(); !letters.empty() && relay_) {
    send(relay_, letters_posted{std::move(letters)});
  }
  for (const auto& how : asker_.take_outcomes()) {
    if (how.call != 0) {
      take_single(how, now);
    } else {
      take(how, now);
    }
  }
  if (asker_.idle() || std::exchange(tick_scheduled_, true)) return;
  delayed_send(this, tick_interval, quota_tick{});
}

// The oldest ones. Those past their deadline leave their turn to the next.
void cluster_limiter::take(const quota_asker::outcome& how, mono_time now) {
  const auto at = waiting_.find(how.company);
  if (at == waiting_.end()) return;
  auto& waiting = at->second;
  const auto next = [&]() -> std::optional<authenticated> {
    while (!waiting.empty()) {
      auto call = std::move(waiting.front());
      waiting.pop_front();
      if (!call->answered()) return call;
      asker_.give_up(how.company, 1);
    }
    return std::nullopt;
  };
  for (auto left = how.admitted; left != 0; --left) {
    if (const auto call = next()) admit(*call, admission_of(how, now));
  }
  for (auto left = how.refused; left != 0; --left) {
    if (const auto call = next()) {
      admission::refuse(*call, {how.window.limit, now + how.window.reset, how.category}, now);
    }
  }
  if (waiting.empty()) waiting_.erase(at);
}

void cluster_limiter::take_single(const quota_asker::outcome& how, mono_time now) {
  if (const auto asked = throttles_.extract(how.call)) {
    asked.mapped()(how.throttled == 0 ? std::optional<mono_time>{} : now + how.next_pass);
    return;
  }
  const auto asked = singles_.extract(how.call);
  if (!asked) return;
  const auto& call = asked.mapped();
  if (call->answered()) return;
  if (how.admitted != 0) {
    admit(call, admission_of(how, now));
  } else if (how.throttled != 0) {
    admission::throttle(call, {admission_of(how, now), now + how.next_pass}, now);
  } else {
    admission::refuse(call, {how.window.limit, now + how.window.reset, how.category}, now);
  }
}

void cluster_limiter::tick() {
  tick_scheduled_ = false;
  give_up_answered();
  const auto now = core_.node.now().mono;
  asker_.tick(now);
  settle(now);
}

// Before an answer is taken, which asks again for those who still wait.
void cluster_limiter::give_up_oldest(const std::string& company) {
  const auto at = waiting_.find(company);
  while (at != waiting_.end() && !at->second.empty() && at->second.front()->answered()) {
    at->second.pop_front();
    asker_.give_up(company, 1);
  }
}

void cluster_limiter::give_up_answered() {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    auto& [company, waiting] = *at;
    const auto gone = std::erase_if(waiting, [](const auto& call) { return call->answered(); });
    if (gone != 0) asker_.give_up(company, static_cast<std::uint32_t>(gone));
    at = waiting.empty() ? waiting_.erase(at) : std::next(at);
  }
  std::erase_if(singles_, [this](const auto& each) {
    if (!each.second->answered()) return false;
    asker_.give_up(each.first);
    return true;
  });
}

}  // namespace filemint::actors
