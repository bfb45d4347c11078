#include "core/cluster/quota_desk.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <type_traits>
#include <variant>

namespace filemint {
namespace {

// A node that may give a part of the limit lets keys call at that part of their rates.
call_terms share_of(call_terms terms, const quota_support& support) {
  if (support.supporters >= support.nodes) return terms;
  const auto part = [&](auto& figure) {
    const auto share = support.share_of(figure, support.supporters);
    figure =
        static_cast<std::remove_reference_t<decltype(figure)>>(std::max<std::uint64_t>(1, share));
  };
  auto& throttle = terms.throttle;
  if (throttle.has_rate()) part(throttle.rate);
  if (throttle.has_rate() && throttle.burst != 0) part(throttle.burst);
  if (throttle.has_day()) part(throttle.per_day);
  if (terms.tokens != 0) part(terms.tokens);
  return terms;
}

window_figures figures_of(const quota_admission& window, std::uint64_t limit, mono_time now) {
  return {limit, window.remaining, window.reset - now};
}

}  // namespace

// ---- asks

void quota_desk::ask(const instant& now, const peer_ask& ask) {
  if (!view_.to_own(stable_hash(ask.company))) return;  // its sender will ask somebody else
  auto& of = owned_of(now.mono, ask.company);
  const waiting_ask next{ask, now.mono};
  if (ask.ahead) {
    if (of.waiting.empty()) answer(now, ask.company, of, next);
    return;
  }
  // One that is asked again has lost its first answer, or its first ask waits still.
  const auto before = std::ranges::find_if(of.waiting, [&](const waiting_ask& w) {
    return w.ask.from == ask.from && w.ask.core == ask.core &&
           w.ask.terms.has_value() == ask.terms.has_value() &&
           (!ask.terms || w.ask.number == ask.number);
  });
  if (before != of.waiting.end()) {
    before->ask = ask;
    before->since = now.mono;
  } else {
    of.waiting.push_back(next);
  }
  answer_waiting(now, ask.company, of);
}

void quota_desk::answer_waiting(const instant& now, const std::string& company, owned& of) {
  while (!of.waiting.empty()) {
    const auto& next = of.waiting.front();
    const auto& from = next.ask.from;
    // Nothing is given to who may be lost: if it is not, it asks again.
    const bool here = from == view_.self() || view_.live(now.mono, from.name);
    if (here && now.mono < next.since + longest_wait && !answer(now, company, of, next)) break;
    of.waiting.pop_front();
  }
  if (of.waiting.empty()) {
    waiting_.erase(company);
  } else {
    waiting_.insert(company);
  }
}

void quota_desk::retry(const instant& now) {
  for (const auto& company : std::vector<std::string>(waiting_.begin(), waiting_.end())) {
    auto& of = owned_.at(company);
    answer_waiting(now, company, of);
    if (of.waiting.empty() || now.mono < of.recalled + recall_again) continue;
    of.recalled = now.mono;
    send_recalls(company, of.quota.calls.recalled());
  }
}

bool quota_desk::answer(const instant& now, const std::string& company, owned& of,
                        const waiting_ask& next) {
  const auto& ask = next.ask;
  if (view_.owner_of(of.hash) != view_.self().name) return false;
  const auto& support = view_.support_of(now.mono, of.hash);
  if (!ask.counted) {
    answer_throttle(now, company, of, next, support);
    return true;
  }
  auto cap = support.share_of(ask.limit, support.supporters);
  cap -= std::min(cap, foreign_leased(now.mono, of));
  const auto most = allowed(of, support, ask.limit);
  if (most == 0) {
    prompt_ = true;
    return false;
  }
  if (cap == 0) {
    if (!support.settled) return false;
    reply(now.mono, next, calls_refused{ask.limit, std::chrono::seconds{1}});
    return true;
  }
  const auto holder = holder_of(ask.from, ask.core);
  auto& calls = of.quota.calls;
  if (ask.ahead) {
    if (const auto grant = calls.renew(now.mono, cap, holder, most / 2)) {
      gave(company, of, 0, grant->amount);
      reply(now.mono, next,
            calls_leased{grant->id, grant->amount, ask.limit, grant->floor,
                         quota_ledger::lease_life});
    }
    return true;
  }

  auto answer = ask.terms ? of.quota.ask(now, cap, share_of(*ask.terms, support), days_, ask.grace)
                          : calls.ask(now.mono, cap, holder, most / 2, ask.grace);
  if (const auto* wait = std::get_if<quota_wait>(&answer)) {
    send_recalls(company, wait->recalls);
    return false;
  }
  if (const auto* grant = std::get_if<quota_grant>(&answer)) {
    gave(company, of, 0, grant->amount);
    reply(
        now.mono, next,
        calls_leased{grant->id, grant->amount, ask.limit, grant->floor, quota_ledger::lease_life});
    return true;
  }
  if (const auto* first = std::get_if<quota_admission>(&answer)) {
    calls_admitted admitted{1, figures_of(*first, ask.limit, now.mono)};
    if (ask.terms) {
      if (ask.terms->throttle.has_day()) of.days.insert(ask.terms->key);
    } else {
      for (; admitted.calls < std::min<std::uint64_t>(ask.calls, most); ++admitted.calls) {
        const auto more = calls.ask_one(now.mono, cap, ask.grace);
        const auto* one = std::get_if<quota_admission>(&more);
        if (one == nullptr) {
          if (const auto* wait = std::get_if<quota_wait>(&more)) {
            send_recalls(company, wait->recalls);
          }
          break;
        }
        admitted.window = figures_of(*one, ask.limit, now.mono);
      }
    }
    gave(company, of, admitted.calls, admitted.calls);
    of.admitted_by = std::max(of.admitted_by, now.mono + ask.grace);
    reply(now.mono, next, admitted);
    return true;
  }
  if (!support.settled) return false;
  if (const auto* often = std::get_if<quota_throttled>(&answer)) {
    reply(now.mono, next,
          calls_throttled{figures_of(often->window, ask.limit, now.mono),
                          often->next_pass - now.mono});
  } else {
    const auto& full = std::get<quota_refusal>(answer);
    const bool of_calls = full.category == quota_category::calls;
    reply(now.mono, next,
          calls_refused{of_calls ? ask.limit : ask.terms->tokens, full.next_pass - now.mono,
                        full.category});
  }
  return true;
}

void quota_desk::answer_throttle(const instant& now, const std::string& company, owned& of,
                                 const waiting_ask& next, const quota_support& support) {
  const auto terms = share_of(next.ask.terms.value_or(call_terms{}), support);
  if (const auto passes = of.quota.ask_throttle(now, terms, days_)) {
    return reply(now.mono, next, calls_throttled{{}, *passes - now.mono});
  }
  if (terms.throttle.has_day()) of.days.insert(terms.key);
  gave(company, of, 0, 0);
  reply(now.mono, next, calls_admitted{1, {}});
}

// How many more calls may be given before supporters must learn of some. `support.known` holds all
// supporters but this node, which stays.
std::uint64_t quota_desk::allowed(owned& of, const quota_support& support, std::uint64_t limit) {
  if (support.known.empty()) return quota_ledger::any_size;
  const auto slowest = std::ranges::min(support.known);
  while (!of.unknown.empty() && of.unknown.front().position <= slowest) of.unknown.pop_front();
  auto unknown = of.risked;
  for (const auto& gift : of.unknown) unknown += gift.calls;
  const auto least = support.share_of(limit, 1);
  if (unknown > least / 2) prompt_ = true;
  if (unknown < least) return least - unknown;

  std::vector<std::uint64_t> each;
  for (const auto known : support.known) {
    auto& sum = each.emplace_back(of.risked);
    for (const auto& gift : of.unknown) sum += gift.position > known ? gift.calls : 0;
  }
  std::ranges::sort(each, std::greater{});
  auto most = quota_ledger::any_size;
  for (std::uint32_t lost = 1; lost <= each.size(); ++lost) {
    const auto stays = support.share_of(limit, support.supporters - lost);
    most = std::min(most, stays - std::min(stays, each[lost - 1]));
  }
  return most;
}

void quota_desk::gave(const std::string& company, owned& of, std::uint64_t calls,
                      std::uint64_t risked) {
  of.given += calls;
  of.risked += risked;
  of.given_in_all += risked;
  if (!std::exchange(of.dirty, true)) dirty_.push_back(company);
}

void quota_desk::reply(mono_time now, const waiting_ask& to,
                       const decltype(peer_answer::what)& what) {
  letters_.push_back({to.ask.from.name, peer_answer{.from = view_.self(),
                                                    .core = to.ask.core,
                                                    .company = to.ask.company,
                                                    .number = to.ask.number,
                                                    .waited = now - to.since,
                                                    .what = what}});
}

void quota_desk::send_recalls(const std::string& company,
                              const std::vector<quota_recall>& recalls) {
  for (const auto& recall : recalls) {
    const auto& [node, core] = holder_names_.at(recall.holder);
    letters_.push_back({node.name, peer_recall{view_.self(), core, company, recall.id}});
  }
}

quota_holder quota_desk::holder_of(const node_id& node, std::uint16_t core) {
  const auto [at, is_new] =
      holders_.try_emplace({node, core}, static_cast<quota_holder>(holder_names_.size()));
  if (is_new) holder_names_.emplace_back(node, core);
  return at->second;
}

}  // namespace filemint
