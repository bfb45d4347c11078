#include "core/company_quota.hpp"

#include <algorithm>
#include <chrono>

namespace filemint {

quota_answer company_quota::ask(const instant& now, std::uint64_t limit, const call_terms& terms,
                                day_book& days, std::chrono::nanoseconds travels) {
  auto* const throttled = terms.throttle.any() ? &throttle_of(terms, days) : nullptr;
  const auto throttle_pass =
      throttled != nullptr ? next_pass(*throttled, now, terms.throttle) : now.mono;
  const auto tokens_pass = terms.tokens != 0 ? tokens_.next_free(now.mono, terms.tokens) : now.mono;
  if (throttle_pass > now.mono || tokens_pass > now.mono) {
    const auto window = calls.look(now.mono, limit);
    auto pass = std::max(throttle_pass, tokens_pass);
    // What is leased out may come back at any moment: that is no full window.
    const bool calls_full = window.remaining == 0 && calls.leases() == 0;
    if (calls_full) pass = std::max(pass, window.reset);
    if (throttle_pass > now.mono) return quota_throttled{window, pass};
    if (calls_full) return quota_refusal{limit, pass};
    return quota_refusal{terms.tokens, pass, quota_category::tokens};
  }
  auto answer = calls.ask_one(now.mono, limit, travels);
  if (throttled != nullptr && std::holds_alternative<quota_admission>(answer)) {
    take(*throttled, now, terms, days);
  }
  return answer;
}

std::optional<mono_time> company_quota::ask_throttle(const instant& now, const call_terms& terms,
                                                     day_book& days) {
  auto& throttled = throttle_of(terms, days);
  if (const auto pass = next_pass(throttled, now, terms.throttle); pass > now.mono) return pass;
  take(throttled, now, terms, days);
  return std::nullopt;
}

bool company_quota::idle(mono_time now) {
  std::erase_if(throttles_, [&](const auto& each) { return each.second.bucket.full(now); });
  return calls.idle(now) && tokens_.used(now) == 0 && throttles_.empty();
}

// A bucket that was dropped was full, and the book knows the day, from other nodes too.
company_quota::throttle& company_quota::throttle_of(const call_terms& terms, const day_book& days) {
  auto& on = throttles_[terms.key];
  if (terms.throttle.has_day()) on.day = later_of(on.day, days.find(terms.key));
  return on;
}

mono_time company_quota::next_pass(throttle& on, const instant& now, const throttle_terms& terms) {
  auto pass = now.mono;
  if (terms.has_rate()) {
    pass = on.bucket.next_pass(now.mono, terms.rate, std::max<std::uint32_t>(1, terms.burst));
  }
  if (terms.has_day()) {
    pass = std::max(pass, now.mono + (on.day.next_pass(now.wall, terms.per_day) - now.wall));
  }
  return pass;
}

void company_quota::take(throttle& on, const instant& now, const call_terms& terms,
                         day_book& days) {
  if (terms.throttle.has_rate()) on.bucket.take();
  if (!terms.throttle.has_day()) return;
  on.day.take(now.wall);
  days.note(terms.key, on.day);
}

}  // namespace filemint
