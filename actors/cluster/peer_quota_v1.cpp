#include "actors/cluster/peer_quota_v1.hpp"

#include "core/cluster/given_logs.hpp"
#include "core/cluster/quota_asker.hpp"
#include "core/day_count.hpp"

#include <caf/make_message.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace filemint::actors::peer_v1 {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t last_day = 100'000;  // in the year 2243; a wall_time holds no more than 2262

// ---- there

std::int64_t ns(nanoseconds span) {
  return span.count();
}

quota_entry wire_of(const given_entry& entry) {
  quota_entry out{.company = entry.company,
                  .calls = entry.calls,
                  .leased = entry.leased,
                  .tokens = entry.tokens,
                  .age_ns = ns(entry.age),
                  .days = {}};
  out.days.reserve(entry.days.size());
  for (const auto& [key, count] : entry.days) {
    out.days.push_back({key, count.day().time_since_epoch().count(), count.calls()});
  }
  return out;
}

quota_part wire_of(const given_part& part) {
  quota_part out{.giver = part.giver.name,
                 .incarnation = part.giver.incarnation,
                 .first = part.first,
                 .oldest = part.oldest,
                 .entries = {}};
  out.entries.reserve(part.entries.size());
  for (const auto& entry : part.entries) out.entries.push_back(wire_of(entry));
  return out;
}

quota_beat wire_of(const peer_heartbeat& beat) {
  quota_beat out{.name = beat.from.name,
                 .incarnation = beat.from.incarnation,
                 .number = beat.number,
                 .confirmed_of = beat.confirmed_of,
                 .confirmed = beat.confirmed,
                 .prompt = beat.prompt,
                 .version = beat.version,
                 .effective = beat.effective,
                 .candidates = beat.candidates,
                 .hears = beat.hears,
                 .dropped = beat.dropped,
                 .seasoned = beat.seasoned,
                 .leaving = beat.leaving,
                 .known = {},
                 .parts = {}};
  for (const auto& [giver, position] : beat.known) {
    out.known.push_back({giver.name, giver.incarnation, position});
  }
  for (const auto& part : beat.parts) out.parts.push_back(wire_of(part));
  return out;
}

quota_goodbye wire_of(const peer_goodbye& said) {
  return {said.from.name, said.from.incarnation};
}

quota_ask wire_of(const peer_ask& ask) {
  quota_ask out{.name = ask.from.name,
                .incarnation = ask.from.incarnation,
                .core = ask.core,
                .company = ask.company,
                .number = ask.number,
                .limit = ask.limit,
                .calls = ask.calls,
                .ahead = ask.ahead,
                .counted = ask.counted,
                .grace_ns = ns(ask.grace),
                .has_terms = ask.terms.has_value(),
                .key = {}};
  if (ask.terms) {
    out.key = ask.terms->key;
    out.per_day = ask.terms->throttle.per_day;
    out.rate = ask.terms->throttle.rate;
    out.burst = ask.terms->throttle.burst;
    out.tokens = ask.terms->tokens;
  }
  return out;
}

void put(quota_answer& out, const window_figures& window) {
  out.limit = window.limit;
  out.remaining = window.remaining;
  out.reset_ns = ns(window.reset);
}

void put(quota_answer& out, const calls_admitted& what) {
  out.kind = quota_answer::admitted;
  out.calls = what.calls;
  put(out, what.window);
}

void put(quota_answer& out, const calls_leased& what) {
  out.kind = quota_answer::leased;
  out.lease = what.id;
  out.amount = what.amount;
  out.limit = what.limit;
  out.floor = what.floor;
  out.life_ns = ns(what.life);
}

void put(quota_answer& out, const calls_refused& what) {
  out.kind = quota_answer::refused;
  out.limit = what.limit;
  out.next_pass_ns = ns(what.next_pass);
  out.category = what.category == quota_category::tokens ? 1 : 0;
}

void put(quota_answer& out, const calls_throttled& what) {
  out.kind = quota_answer::throttled;
  put(out, what.window);
  out.next_pass_ns = ns(what.next_pass);
}

quota_answer wire_of(const peer_answer& answer) {
  quota_answer out{.name = answer.from.name,
                   .incarnation = answer.from.incarnation,
                   .core = answer.core,
                   .company = answer.company,
                   .number = answer.number,
                   .waited_ns = ns(answer.waited)};
  std::visit([&](const auto& what) { put(out, what); }, answer.what);
  return out;
}

quota_recall wire_of(const peer_recall& recall) {
  return {recall.from.name, recall.from.incarnation, recall.core, recall.company, recall.id};
}

quota_return wire_of(const peer_return& back) {
  quota_return out{.name = back.from.name,
                   .incarnation = back.from.incarnation,
                   .core = back.core,
                   .company = back.company,
                   .lease = back.id,
                   .admissions = {}};
  for (const auto& [age, calls] : back.admissions) out.admissions.push_back({ns(age), calls});
  return out;
}

quota_return_taken wire_of(const peer_return_taken& taken) {
  return {taken.from.name, taken.from.incarnation, taken.core, taken.company, taken.id};
}

quota_spent wire_of(const peer_spent& spent) {
  return {spent.from.name, spent.from.incarnation, spent.company, spent.paths};
}

// ---- back

nanoseconds span_of(std::int64_t ns) {
  return std::clamp<nanoseconds>(nanoseconds{ns}, nanoseconds{0}, longest_span);
}

// Of calls that may be admitted later than now: by no more than an answer may travel.
nanoseconds age_of(std::int64_t ns) {
  return std::clamp<nanoseconds>(nanoseconds{ns}, -quota_asker::most_grace, longest_span);
}

day_count count_of(const quota_day& in) {
  return {std::chrono::sys_days{std::chrono::days{std::clamp<std::int64_t>(in.day, 0, last_day)}},
          in.calls};
}

std::optional<given_part> part_of(const quota_part& in) {
  if (in.entries.size() > given_logs::most_entries) return std::nullopt;
  given_part out{
      .giver = {in.giver, in.incarnation}, .first = in.first, .oldest = in.oldest, .entries = {}};
  out.entries.reserve(in.entries.size());
  for (const auto& each : in.entries) {
    if (each.days.size() > most_days) return std::nullopt;
    auto& entry = out.entries.emplace_back(
        given_entry{each.company, each.calls, each.leased, each.tokens, age_of(each.age_ns), {}});
    entry.days.reserve(each.days.size());
    for (const auto& day : each.days) entry.days.push_back({day.key, count_of(day)});
  }
  return out;
}

}  // namespace

caf::message to_wire(const peer_message& message) {
  return std::visit([](const auto& what) { return caf::make_message(wire_of(what)); }, message);
}

std::optional<peer_message> from_wire(const quota_beat& in) {
  for (const auto* names : {&in.candidates, &in.hears, &in.dropped}) {
    if (names->size() > most_names) return std::nullopt;
  }
  if (in.known.size() > most_names || in.parts.size() > most_names) return std::nullopt;
  peer_heartbeat out{.from = {in.name, in.incarnation},
                     .number = in.number,
                     .confirmed_of = in.confirmed_of,
                     .confirmed = in.confirmed,
                     .prompt = in.prompt,
                     .version = in.version,
                     .effective = in.effective,
                     .candidates = in.candidates,
                     .hears = in.hears,
                     .dropped = in.dropped,
                     .seasoned = in.seasoned,
                     .leaving = in.leaving,
                     .known = {},
                     .parts = {}};
  for (const auto& [giver, incarnation, position] : in.known) {
    out.known.push_back({{giver, incarnation}, position});
  }
  for (const auto& each : in.parts) {
    auto part = part_of(each);
    if (!part) return std::nullopt;
    out.parts.push_back(std::move(*part));
  }
  return out;
}

std::optional<peer_message> from_wire(const quota_goodbye& in) {
  return peer_goodbye{{in.name, in.incarnation}};
}

std::optional<peer_message> from_wire(const quota_ask& in) {
  peer_ask out{.from = {in.name, in.incarnation},
               .core = in.core,
               .company = in.company,
               .number = in.number,
               .limit = in.limit,
               .calls = in.calls,
               .ahead = in.ahead,
               .counted = in.counted,
               .grace = span_of(in.grace_ns)};
  if (in.has_terms) out.terms = {in.key, {in.per_day, in.rate, in.burst}, in.tokens};
  return out;
}

std::optional<peer_message> from_wire(const quota_answer& in) {
  peer_answer out{.from = {in.name, in.incarnation},
                  .core = in.core,
                  .company = in.company,
                  .number = in.number,
                  .waited = span_of(in.waited_ns),
                  .what = {}};
  const window_figures window{in.limit, in.remaining, span_of(in.reset_ns)};
  switch (in.kind) {
    case quota_answer::admitted:
      out.what = calls_admitted{in.calls, window};
      return out;
    case quota_answer::leased:
      out.what = calls_leased{in.lease, in.amount, in.limit, in.floor, span_of(in.life_ns)};
      return out;
    case quota_answer::refused:
      if (in.category > 1) return std::nullopt;
      out.what = calls_refused{in.limit, span_of(in.next_pass_ns),
                               in.category == 1 ? quota_category::tokens : quota_category::calls};
      return out;
    case quota_answer::throttled:
      out.what = calls_throttled{window, span_of(in.next_pass_ns)};
      return out;
    default:
      return std::nullopt;
  }
}

std::optional<peer_message> from_wire(const quota_recall& in) {
  return peer_recall{{in.name, in.incarnation}, in.core, in.company, in.lease};
}

std::optional<peer_message> from_wire(const quota_return& in) {
  if (in.admissions.size() > most_admissions) return std::nullopt;
  peer_return out{.from = {in.name, in.incarnation},
                  .core = in.core,
                  .company = in.company,
                  .id = in.lease,
                  .admissions = {}};
  for (const auto& [age, calls] : in.admissions) out.admissions.push_back({span_of(age), calls});
  return out;
}

std::optional<peer_message> from_wire(const quota_return_taken& in) {
  return peer_return_taken{{in.name, in.incarnation}, in.core, in.company, in.lease};
}

std::optional<peer_message> from_wire(const quota_spent& in) {
  return peer_spent{{in.name, in.incarnation}, in.company, in.paths};
}

}  // namespace filemint::actors::peer_v1
