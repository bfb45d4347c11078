#include "actors/limiter.hpp"

#include "actors/admission.hpp"
#include "actors/guarded.hpp"
#include "core/caller_limits.hpp"

#include <chrono>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>
#include <variant>

namespace filemint::actors {
namespace {

constexpr std::chrono::milliseconds settle_interval{300};  // of expired leases

}  // namespace

limiter::behavior_type limiter::make_behavior() {
  return {
      [this](const authenticated& call) { guarded(core_, "limiter", [&] { limit(call); }); },
      [this](const quota_reply& reply) { guarded(core_, "limiter", [&] { take_reply(reply); }); },
      [this](const paths_spent& spent) { send(owner_of(spent.company), spent); },
      [this](const throttle_ask& ask) { send(owner_of(ask.company), ask); },
      [this](const lease_recalled& wanted) { guarded(core_, "limiter", [&] { recall(wanted); }); },
      [this](const quota_tick&) { guarded(core_, "limiter", [&] { tick(); }); },
      [this](const dispatcher_actor& next) { next_ = next; },
      [this](std::size_t core, const window_owner_actor& owner) {
        guarded(core_, "limiter", [&] { take_owner(core, owner); });
      },
  };
}

void limiter::on_exit() {
  next_ = nullptr;
  owners_.clear();
  windows_.clear();
  singles_.clear();
}

void limiter::take_owner(std::size_t core, const window_owner_actor& owner) {
  if (std::exchange(owners_.at(core), owner) == owner) return;
  send(owner, held_of(core));
  for (auto& [company, w] : windows_) {
    if (company % owners_.size() == core && !w.waiting.empty()) ask(company, w, false);
  }
  for (const auto& [number, each] : singles_) {
    if (each.ask.company % owners_.size() == core) send(owner, each.ask);
  }
}

void limiter::limit(const authenticated& call) {
  const auto now = core_.node.now().mono;
  const auto& caller = *call->notes.who.caller;
  const auto& settings = core_.settings->mint;
  const auto limit = call_limit(caller, settings);
  const auto tokens = token_limit(caller, settings);
  const auto terms = throttle_of(call->notes.who, settings);
  if (tokens != 0 || terms.any()) return ask_singly(call, limit, tokens, terms);

  auto& w = windows_[caller.index];
  w.limit = limit;
  // Given under another limit: nothing more is admitted out of it.
  if (w.lease.held() && w.lease.limit() != limit) settle(caller.index, w.lease.give_back());

  if (w.refusal.limit == w.limit && now < w.refusal.next_pass)
    return admission::refuse(call, w.refusal, now);
  if (w.waiting.empty()) {
    if (const auto how = w.lease.take(now)) {
      admit(call, *how);
      if (w.lease.renew_due(now)) ask(caller.index, w, true);
      return;
    }
  }
  w.waiting.push_back(call);
  if (!w.asked) ask(caller.index, w, false);
}

void limiter::ask_singly(const authenticated& call, std::uint64_t limit, std::uint64_t tokens,
                         const throttle_terms& throttle) {
  const auto& who = call->notes.who;
  const quota_ask ask{.from = static_cast<quota_holder>(core_.core),
                      .company = who.caller->index,
                      .limit = limit,
                      .asker = id(),
                      .terms = call_terms{std::string{who.key->id_view()}, throttle, tokens},
                      .call = ++last_single_};
  singles_.emplace(ask.call, single{call, ask});
  send(owner_of(ask.company), ask);
}

void limiter::take_single_reply(const quota_reply& reply) {
  const auto waiting = singles_.extract(reply.call);
  if (waiting.empty()) return;  // a lost owner's answer came after all
  const auto& call = waiting.mapped().call;
  const auto now = core_.node.now().mono;
  if (const auto* how = std::get_if<quota_admission>(&reply.answer)) {
    if (!call->answered()) admit(call, *how);
  } else if (const auto* why = std::get_if<quota_refusal>(&reply.answer)) {
    admission::refuse(call, *why, now);
  } else if (const auto* often = std::get_if<quota_throttled>(&reply.answer)) {
    admission::throttle(call, *often, now);
  }
}

void limiter::admit(const authenticated& call, const quota_admission& how) {
  if (const auto on = admission::pass(core_, call, how)) send(next_, *on);
}

void limiter::ask(std::uint32_t company, window& w, bool ahead) {
  if (!ahead) {
    settle(company, w.lease.give_back());
    w.asked = true;
  }
  send(owner_of(company), quota_ask{.from = static_cast<quota_holder>(core_.core),
                                    .company = company,
                                    .limit = w.limit,
                                    .ahead = ahead,
                                    .asker = id()});
}

void limiter::settle(std::uint32_t company, std::optional<quota_settlement> back) {
  if (!back) return;
  send(owner_of(company),
       lease_settled{static_cast<quota_holder>(core_.core), company, std::move(*back)});
}

leases_held limiter::held_of(std::size_t core) const {
  leases_held all{.from = static_cast<quota_holder>(core_.core), .leases = {}};
  for (const auto& [company, w] : windows_) {
    if (company % owners_.size() != core || !w.lease.held()) continue;
    all.leases.push_back({company, w.lease.id()});
  }
  return all;
}

void limiter::take_reply(const quota_reply& reply) {
  if (reply.call != 0) return take_single_reply(reply);
  const auto now = core_.node.now().mono;
  auto& w = windows_[reply.company];
  if (!reply.ahead) w.asked = false;
  if (const auto* how = std::get_if<quota_admission>(&reply.answer)) {
    while (!w.waiting.empty()) {
      const auto call = std::move(w.waiting.front());
      w.waiting.pop_front();
      if (call->answered()) continue;  // past its deadline
      admit(call, *how);
      break;
    }
  } else if (const auto* grant = std::get_if<quota_grant>(&reply.answer)) {
    settle(reply.company, w.lease.accept(now, *grant));
    schedule_tick();
    if (grant->limit == w.limit) serve_waiting(w, now);
  } else if (const auto* why = std::get_if<quota_refusal>(&reply.answer);
             why != nullptr && why->limit == w.limit) {
    w.refusal = *why;
    for (const auto& call : std::exchange(w.waiting, {})) admission::refuse(call, *why, now);
  }
  if (!w.waiting.empty() && !w.asked) ask(reply.company, w, false);
}

// Not the oldest while the owner is asked for it: its admission would count, and be nobody's.
void limiter::serve_waiting(window& w, mono_time now) {
  const std::ptrdiff_t asked_for = w.asked ? 1 : 0;
  while (std::ssize(w.waiting) > asked_for) {
    const auto next = w.waiting.begin() + asked_for;
    if (!(*next)->answered()) {
      const auto how = w.lease.take(now);
      if (!how) return;
      admit(*next, *how);
    }
    w.waiting.erase(next);
  }
}

void limiter::recall(const lease_recalled& wanted) {
  const auto at = windows_.find(wanted.company);
  if (at == windows_.end() || at->second.lease.id() != wanted.id) return;  // it is on its way back
  settle(wanted.company, at->second.lease.give_back());
}

void limiter::tick() {
  tick_scheduled_ = false;
  const auto now = core_.node.now().mono;
  bool held = false;
  for (auto at = windows_.begin(); at != windows_.end();) {
    auto& [company, w] = *at;
    if (w.lease.expired(now)) settle(company, w.lease.give_back());
    held = held || w.lease.held();
    const bool idle =
        !w.lease.held() && w.waiting.empty() && !w.asked && w.refusal.next_pass <= now;
    at = idle ? windows_.erase(at) : std::next(at);
  }
  if (held) schedule_tick();
}

void limiter::schedule_tick() {
  if (std::exchange(tick_scheduled_, true)) return;
  delayed_send(this, settle_interval, quota_tick{});
}

}  // namespace filemint::actors
