// The owner's rules for one company: the window of its calls, the window of its tokens, and its
// keys' throttles.
//
// All are asked in one step, and nothing is taken but by a call that passes all of them; so a
// refused call has nothing to give back. Order of refusals: throttle, calls, tokens.
#pragma once

#include "core/day_book.hpp"
#include "core/quota_ledger.hpp"
#include "core/token_bucket.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace filemint {

// Times passed in never go back on the monotonic clock; the wall clock may. Thread safety: none,
// one owner.
class company_quota {
public:
  // Leases are its business alone.
  quota_ledger calls;

  // For one call, without a lease. Its day is noted in the book. See quota_ledger for `travels`.
  [[nodiscard]] quota_answer ask(const instant& now, std::uint64_t limit, const call_terms& terms,
                                 day_book& days, std::chrono::nanoseconds travels = {});

  // For one call that no window counts. Nothing: it passes; else when it would.
  [[nodiscard]] std::optional<mono_time> ask_throttle(const instant& now, const call_terms& terms,
                                                      day_book& days);

  // Tokens that calls which have passed turned out to want, at that tick. May overdraw the window.
  void spend(mono_time now, tick at, std::uint64_t paths) { tokens_.add(now, at, paths); }
  void spend(mono_time now, std::uint64_t paths) { spend(now, tick_of(now), paths); }

  // As good as a new one: it may be dropped.
  [[nodiscard]] bool idle(mono_time now);

  [[nodiscard]] std::size_t throttled_keys() const noexcept { return throttles_.size(); }

private:
  struct throttle {
    token_bucket bucket;
    day_count day;
  };

  throttle& throttle_of(const call_terms& terms, const day_book& days);
  [[nodiscard]] static mono_time next_pass(throttle& on, const instant& now,
                                           const throttle_terms& terms);
  void take(throttle& on, const instant& now, const call_terms& terms, day_book& days);

  rate_window tokens_;
  std::unordered_map<std::string, throttle> throttles_;  // by key
};

}  // namespace filemint
