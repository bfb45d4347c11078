#include "core/cluster/quota_asker.hpp"

#include "core/quota_ledger.hpp"

#include <algorithm>
#include <variant>

namespace filemint {

quota_asker::immediate quota_asker::admit(mono_time now, const std::string& company,
                                          std::uint64_t limit) {
  auto& w = windows_[company];
  w.limit = limit;
  if (w.lease.held() && w.lease.limit() != limit) {
    settle(now, company, w.lender, w.lease.give_back());
  }
  if (w.waiting == 0) {
    const bool refused =
        now < w.refused_until && w.refused_limit == limit && w.refused_under == routes_->version;
    if (refused) return quota_refusal{limit, w.refused_until};
    if (const auto how = w.lease.take(now)) {
      if (w.lease.renew_due(now)) ask_ahead(now, company, w);
      return *how;
    }
  }
  ++w.waiting;
  if (w.ask.number == 0) ask(now, company, w);
  return {};
}

void quota_asker::give_up(const std::string& company, std::uint32_t calls) {
  auto& w = windows_[company];
  w.waiting -= std::min(w.waiting, calls);
}

void quota_asker::give_up_all() {
  for (auto& [company, w] : windows_) w.waiting = 0;
  singles_.clear();
  outcomes_.clear();
}

std::uint32_t quota_asker::waiting(const std::string& company) const {
  const auto at = windows_.find(company);
  return at == windows_.end() ? 0 : at->second.waiting;
}

void quota_asker::take(mono_time now, const peer_message& mail) {
  if (const auto* answer = std::get_if<peer_answer>(&mail)) take(now, *answer);
  if (const auto* recall = std::get_if<peer_recall>(&mail)) take(now, *recall);
  if (const auto* taken = std::get_if<peer_return_taken>(&mail)) take(now, *taken);
}

// ---- asks

void quota_asker::ask(mono_time now, const std::string& company, window& w) {
  settle(now, company, w.lender, w.lease.give_back());
  w.ask = {};
  const auto owner = owner_of(company);
  if (!owner) return;  // soon
  w.ask = {++last_number_, now, std::string{*owner}, grace_for(std::string{*owner})};
  letters_.push_back({w.ask.of, peer_ask{.from = routes_->self,
                                         .core = core_,
                                         .company = company,
                                         .number = w.ask.number,
                                         .limit = w.limit,
                                         .calls = w.waiting,
                                         .grace = w.ask.grace}});
}

std::chrono::nanoseconds quota_asker::grace_for(const std::string& owner) {
  if (owner == routes_->self.name) return {};
  return graces_.try_emplace(owner, 4 * least_grace).first->second;
}

bool quota_asker::in_time(mono_time now, const peer_answer& answer, const asked& of) {
  if (answer.from == routes_->self) return true;
  const auto took = now - of.at - answer.waited;
  auto& grace = graces_[answer.from.name];
  const auto wanted = 2 * took + least_grace;
  grace = std::clamp<std::chrono::nanoseconds>(std::max(wanted, grace - least_grace / 50),
                                               least_grace, most_grace);
  return took <= of.grace;
}

void quota_asker::ask_ahead(mono_time now, const std::string& company, window& w) {
  const auto owner = owner_of(company);
  if (!owner) return;
  w.ahead = {++last_number_, now, std::string{*owner}, {}};
  letters_.push_back({w.ahead.of, peer_ask{.from = routes_->self,
                                           .core = core_,
                                           .company = company,
                                           .number = w.ahead.number,
                                           .limit = w.limit,
                                           .ahead = true}});
}

void quota_asker::take(mono_time now, const peer_answer& answer) {
  const auto asked_for = std::ranges::find_if(
      singles_, [&](const auto& each) { return each.second.ask.number == answer.number; });
  if (asked_for != singles_.end()) return take_single(now, asked_for->first, answer);
  const auto at = windows_.find(answer.company);
  const bool known = at != windows_.end() && (answer.number == at->second.ask.number ||
                                              answer.number == at->second.ahead.number);
  const auto* leased = std::get_if<calls_leased>(&answer.what);
  if (!known) {
    if (leased != nullptr) {
      settle(now, answer.company, answer.from, quota_settlement{leased->id, {}});
    }
    return;
  }
  auto& [company, w] = *at;
  const bool ahead = answer.number == w.ahead.number;
  const auto of = std::exchange(ahead ? w.ahead : w.ask, {});
  if (leased != nullptr) {
    accept(now, answer, *leased, of, w);
  } else if (const auto* admitted = std::get_if<calls_admitted>(&answer.what);
             admitted != nullptr && in_time(now, answer, of)) {
    const auto passed = std::min(admitted->calls, w.waiting);
    w.waiting -= passed;
    if (passed != 0) {
      outcomes_.push_back({.company = company, .admitted = passed, .window = admitted->window});
    }
  } else if (const auto* full = std::get_if<calls_refused>(&answer.what)) {
    w.refused_until = now + full->next_pass;
    w.refused_limit = full->limit;
    w.refused_under = routes_->version;
    const auto all = std::exchange(w.waiting, 0);
    if (all != 0) {
      outcomes_.push_back(
          {.company = company, .refused = all, .window = {full->limit, 0, full->next_pass}});
    }
  }
  serve(now, company, w);
}

// It was sent at `of.at` and waited at its owner: its life is over here before it is there.
void quota_asker::accept(mono_time now, const peer_answer& answer, const calls_leased& leased,
                         const asked& of, window& w) {
  const quota_grant grant{.id = leased.id,
                          .amount = leased.amount,
                          .limit = leased.limit,
                          .floor = leased.floor,
                          .expires = of.at + answer.waited + leased.life};
  if (grant.expires <= now) {
    settle(now, answer.company, answer.from, quota_settlement{grant.id, {}});
    return;
  }
  settle(now, answer.company, w.lender, w.lease.accept(now, grant));
  w.lender = answer.from;
}

void quota_asker::serve(mono_time now, const std::string& company, window& w) {
  std::uint32_t passed = 0;
  window_figures figures;
  // Not the oldest ones while their owner is asked for them: what it admits would be nobody's.
  while (w.ask.number == 0 && passed < w.waiting) {
    const auto how = w.lease.take(now);
    if (!how) break;
    figures = {how->limit, how->remaining, how->reset - now};
    ++passed;
  }
  w.waiting -= passed;
  if (passed != 0) {
    outcomes_.push_back({.company = company, .admitted = passed, .window = figures});
  }
  if (w.waiting != 0 && w.ask.number == 0) ask(now, company, w);
}

// ---- single calls

std::uint64_t quota_asker::ask_singly(mono_time now, const std::string& company,
                                      std::uint64_t limit, call_terms terms) {
  return ask_for(now, {.ask = {}, .company = company, .limit = limit, .terms = std::move(terms)});
}

std::uint64_t quota_asker::ask_throttle(mono_time now, const std::string& company,
                                        call_terms terms) {
  return ask_for(now, {.ask = {}, .company = company, .counted = false, .terms = std::move(terms)});
}

std::uint64_t quota_asker::ask_for(mono_time now, single one) {
  const auto call = ++last_number_;
  ask(now, singles_.emplace(call, std::move(one)).first->second);
  return call;
}

void quota_asker::spend(const std::string& company, std::uint64_t paths) {
  if (routes_->self.name.empty()) return;  // none yet
  const auto owner = owner_of(company);
  // With no owner this node's log will tell whoever is to be it.
  const auto to = owner ? std::string{*owner} : routes_->self.name;
  letters_.push_back({to, peer_spent{routes_->self, company, paths}});
}

// Each time under another number: an answer to an earlier one would seem to have come sooner than
// it has.
void quota_asker::ask(mono_time now, single& one) {
  one.ask = {};
  const auto owner = owner_of(one.company);
  if (!owner) return;
  one.ask = {++last_number_, now, std::string{*owner}, grace_for(std::string{*owner})};
  letters_.push_back({one.ask.of, peer_ask{.from = routes_->self,
                                           .core = core_,
                                           .company = one.company,
                                           .number = one.ask.number,
                                           .limit = one.limit,
                                           .counted = one.counted,
                                           .grace = one.ask.grace,
                                           .terms = one.terms}});
}

void quota_asker::take_single(mono_time now, std::uint64_t call, const peer_answer& answer) {
  auto& one = singles_.at(call);
  outcome result{.company = one.company, .window = {}, .call = call};
  if (const auto* admitted = std::get_if<calls_admitted>(&answer.what)) {
    if (!in_time(now, answer, one.ask)) return ask(now, one);
    result.admitted = 1;
    result.window = admitted->window;
  } else if (const auto* often = std::get_if<calls_throttled>(&answer.what)) {
    result.throttled = 1;
    result.window = often->window;
    result.next_pass = often->next_pass;
  } else if (const auto* full = std::get_if<calls_refused>(&answer.what)) {
    result.refused = 1;
    result.window = {full->limit, 0, full->next_pass};
    result.category = full->category;
  }
  outcomes_.push_back(std::move(result));
  singles_.erase(call);
}

// ---- leases go back

void quota_asker::take(mono_time now, const peer_recall& recall) {
  const auto at = windows_.find(recall.company);
  if (at != windows_.end() && at->second.lease.id() == recall.id &&
      at->second.lender == recall.from) {
    settle(now, recall.company, recall.from, at->second.lease.give_back());
    return;
  }
  const auto under_way = std::ranges::any_of(returns_, [&](const unsettled& u) {
    return u.back.id == recall.id && u.company == recall.company && u.lender == recall.from;
  });
  // Its grant was lost: an owner's messages come in their order.
  if (!under_way) settle(now, recall.company, recall.from, quota_settlement{recall.id, {}});
}

void quota_asker::settle(mono_time now, const std::string& company, const node_id& lender,
                         std::optional<quota_settlement> back) {
  if (!back) return;
  returns_.push_back({company, lender, std::move(*back), now, now});
  send(now, returns_.back());
}

void quota_asker::give_back_all(mono_time now) {
  for (auto& [company, w] : windows_) settle(now, company, w.lender, w.lease.give_back());
}

void quota_asker::send(mono_time now, unsettled& back) {
  back.sent = now;
  peer_return message{.from = routes_->self,
                      .core = core_,
                      .company = back.company,
                      .id = back.back.id,
                      .admissions = {}};
  for (const auto& [at, calls] : back.back.admissions) {
    // A tick is rounded up: it may lie ahead of now.
    message.admissions.push_back({std::max(now - at, std::chrono::nanoseconds{0}), calls});
  }
  letters_.push_back({back.lender.name, std::move(message)});
}

void quota_asker::take(mono_time, const peer_return_taken& taken) {
  std::erase_if(returns_, [&](const unsettled& u) {
    return u.back.id == taken.id && u.company == taken.company && u.lender == taken.from;
  });
}

void quota_asker::tick(mono_time now) {
  for (auto at = windows_.begin(); at != windows_.end();) {
    auto& [company, w] = *at;
    if (w.lease.expired(now)) settle(now, company, w.lender, w.lease.give_back());
    if (w.ahead.number != 0 && now >= w.ahead.at + quota_ledger::lease_life) w.ahead = {};
    if (w.ask.number != 0 && w.waiting == 0 && now >= w.ask.at + patience) w.ask = {};
    const auto owner = owner_of(company);
    const bool lost = w.ask.number == 0 || now >= w.ask.at + patience || owner != w.ask.of;
    if (w.waiting != 0 && lost && owner) ask(now, company, w);
    const bool idle = !w.lease.held() && w.waiting == 0 && w.ask.number == 0 &&
                      w.ahead.number == 0 && w.refused_until <= now;
    at = idle ? windows_.erase(at) : std::next(at);
  }
  for (auto& [call, one] : singles_) {
    const auto owner = owner_of(one.company);
    if (owner && (now >= one.ask.at + patience || owner != one.ask.of)) ask(now, one);
  }
  // What was admitted under it has left the window by then, and nothing more is owed to anybody.
  // Not before: an owner that was out of reach may still wait for it.
  std::erase_if(returns_, [&](const unsettled& u) { return now >= u.since + window_length; });
  for (auto& back : returns_) {
    const auto& lender = back.lender.name;
    if (routes_->reach(lender) && now >= back.sent + resend) send(now, back);
  }
}

}  // namespace filemint
