// The limiter's side of one company's window on one core: admits calls out of a lease without
// asking anybody.
#pragma once

#include "core/quota.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace filemint {

// Starts without a lease. The round: `take` fails → ask the owner → `accept` its grant → `take`.
// When `renew_due`, ask for the next one while this one lasts; `accept` then hands back what is to
// be settled. Whoever holds one calls give_back at a recall, and soon after it `expired`: until
// then all of it counts as used, and others wait for it. Times passed in never go back. Thread
// safety: none, one holder.
class quota_lease {
public:
  // Admits one call at that moment. Nothing: no lease, used up or expired. A few nanoseconds.
  [[nodiscard]] std::optional<quota_admission> take(mono_time now) {
    if (left_ == 0 || now >= grant_.expires) return std::nullopt;
    --left_;
    if (const auto at = tick_of(now); log_.empty() || log_.back().at < at) {
      log_.push_back({at, 1});
    } else {
      ++log_.back().calls;
    }
    return quota_admission{grant_.limit, grant_.floor + left_, log_.back().at + window_length};
  }

  // True once a lease: when a third of its calls is left, or a quarter of its time is over. Ask
  // ahead of need, then.
  [[nodiscard]] bool renew_due(mono_time now) noexcept {
    if (left_ > renew_below_ && now < renew_at_) return false;
    return std::exchange(renewable_, false);
  }

  // Takes up a lease that the owner gave. Returns the one before, to be settled, if there was one.
  [[nodiscard]] std::optional<quota_settlement> accept(mono_time now, const quota_grant& grant);

  // Ends the lease. Nothing: there is none.
  [[nodiscard]] std::optional<quota_settlement> give_back();

  // Holds a lease whose time is over.
  [[nodiscard]] bool expired(mono_time now) const noexcept {
    return held() && now >= grant_.expires;
  }
  [[nodiscard]] bool held() const noexcept { return grant_.id != 0; }
  [[nodiscard]] lease_id id() const noexcept { return grant_.id; }
  [[nodiscard]] std::uint64_t limit() const noexcept { return grant_.limit; }
  [[nodiscard]] mono_time expires() const noexcept { return grant_.expires; }

private:
  quota_grant grant_;
  std::uint64_t left_ = 0;
  std::uint64_t renew_below_ = 0;
  mono_time renew_at_;
  bool renewable_ = false;
  std::vector<tick_count> log_;  // at most one entry a tick of the lease's life
};

}  // namespace filemint
