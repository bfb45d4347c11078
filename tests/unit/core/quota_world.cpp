#include "tests/unit/core/quota_world.hpp"

namespace filemint::testing {

// ---- a limiter

void quota_world::call(quota_holder h) {
  auto& lease = limiters_[h].lease;
  if (const auto admission = lease.take(now_)) {
    admitted(*admission);
    if (lease.renew_due(now_)) to_owner(h, [this, h] { renew(h); });
    return;
  }
  settle(h, lease.give_back());
  to_owner(h, [this, h] {
    if (!parked_.empty() || !answer(h)) parked_.push_back(h);
  });
}

void quota_world::settle(quota_holder h, std::optional<quota_settlement> back) {
  if (!back) return;
  to_owner(h, [this, back = std::move(*back)] {
    if (now_ >= expiries_.at(back.id) + 500ms) ++seen.late;
    ledger_.settle(now_, back);
    ask_again();
  });
}

void quota_world::granted(quota_holder h, const quota_grant& grant) {
  expiries_[grant.id] = grant.expires;
  settle(h, limiters_[h].lease.accept(now_, grant));
  at(std::max(now_, grant.expires),
     [this, h, id = grant.id] { when_free(h, [this, h, id] { give_back(h, id); }); });
}

void quota_world::give_back(quota_holder h, lease_id id) {
  if (limiters_[h].lease.id() == id) settle(h, limiters_[h].lease.give_back());
}

// ---- the owner

void quota_world::renew(quota_holder h) {
  if (const auto grant = ledger_.renew(now_, limit_, h)) {
    to_holder(h, [this, h, grant = *grant] { granted(h, grant); });
  }
}

bool quota_world::answer(quota_holder h) {
  ++seen.asks;
  auto answer = ledger_.ask(now_, limit_, h);
  if (const auto* admission = std::get_if<quota_admission>(&answer)) {
    admitted(*admission);
  } else if (const auto* grant = std::get_if<quota_grant>(&answer)) {
    to_holder(h, [this, h, grant = *grant] {
      granted(h, grant);
      call(h);
    });
  } else if (const auto* refusal = std::get_if<quota_refusal>(&answer)) {
    refused(*refusal);
  } else {
    const auto& wait = std::get<quota_wait>(answer);
    for (const auto& recall : wait.recalls) {
      ++seen.recalls;
      to_holder(recall.holder, [this, recall] { give_back(recall.holder, recall.id); });
    }
    RC_ASSERT(wait.retry_at > now_);
    ask_again_at(wait.retry_at);
    return false;
  }
  return true;
}

void quota_world::ask_again() {
  while (!parked_.empty() && answer(parked_.front())) parked_.pop_front();
}

// Once for each time: calls that wait would otherwise breed a retry each, at each settlement.
void quota_world::ask_again_at(mono_time t) {
  if (!retries_.insert(t).second) return;
  at(t, [this, t] {
    retries_.erase(t);
    ask_again();
  });
}

// ---- the truth

void quota_world::admitted(const quota_admission& admission) {
  ++seen.admitted;
  log_.push_back(now_);
  ticks_.push_back(tick_of(now_));
  forget();
  RC_ASSERT(log_.size() <= highest_limit_);  // any 60 s of real admissions, to the nanosecond
  RC_ASSERT(admission.remaining + ticks_.size() <= highest_limit_);
  RC_ASSERT(admission.reset > now_);
  if (!lossy_ && admission.remaining > 0) {
    RC_ASSERT(admission.reset == ticks_.back() + window_length);
  }
  RC_ASSERT(ledger_.entries() <= 6'001u);
}

void quota_world::refused(const quota_refusal& refusal) {
  ++seen.refused;
  forget();
  RC_ASSERT(refusal.next_pass > now_);
  if (!lossy_) RC_ASSERT(ticks_.size() >= refusal.limit);
}

void quota_world::forget() {
  while (!log_.empty() && log_.front() + window_length <= now_) log_.pop_front();
  while (!ticks_.empty() && ticks_.front() + window_length <= now_) ticks_.pop_front();
}

}  // namespace filemint::testing
