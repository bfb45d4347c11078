// A small world in which several limiters share one company's window: a ledger, its holders,
// messages that take their time (in order between any two), holders that die. It keeps a log of
// every real admission and checks each answer.
#pragma once

#include "core/quota_lease.hpp"
#include "core/quota_ledger.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <utility>
#include <variant>
#include <vector>

namespace filemint::testing {

using namespace std::chrono_literals;

class quota_world {
public:
  struct figures {
    std::size_t admitted = 0;
    std::size_t refused = 0;
    std::size_t asks = 0;
    std::size_t recalls = 0;
  };

  quota_world(std::uint64_t limit, std::size_t holders, std::chrono::microseconds slowest_message,
              std::uint32_t seed)
      : limit_(limit), limiters_(holders), slowest_(slowest_message), random_(seed) {}

  // A call comes to a holder at that time.
  void call_at(mono_time t, quota_holder holder) {
    at(t, [this, holder] { call(holder); });
  }
  void kill_at(mono_time t, quota_holder holder) {
    lossy_ = true;
    at(t, [this, holder] { limiters_[holder].dead = true; });
  }
  void set_limit_at(mono_time t, std::uint64_t limit) {
    at(t, [this, limit] {
      limit_ = limit;
      highest_limit_ = std::max(highest_limit_, limit);
    });
  }

  void run() {
    while (!events_.empty()) {
      auto next = std::move(const_cast<event&>(events_.top()));
      events_.pop();
      now_ = next.when;
      next.what();
    }
    RC_ASSERT(parked_.empty());
  }

  figures seen;

private:
  struct event {
    mono_time when;
    std::size_t order = 0;
    std::function<void()> what;
    bool operator<(const event& other) const {
      return std::pair{when, order} > std::pair{other.when, other.order};
    }
  };
  struct limiter {
    quota_lease lease;
    bool dead = false;
  };

  void at(mono_time t, std::function<void()> what) { events_.push({t, order_++, std::move(what)}); }
  // `link`: 2 × holder towards the owner, one more back.
  void send(std::size_t link, std::function<void()> what) {
    const std::chrono::microseconds delay{random_() % (slowest_.count() + 1)};
    auto& last = arrived_[link];
    last = std::max(last, now_ + delay);
    at(last, std::move(what));
  }
  void to_owner(quota_holder h, std::function<void()> what) { send(2 * h, std::move(what)); }
  void to_holder(quota_holder h, std::function<void()> what) {
    send(2 * h + 1, [this, h, what = std::move(what)] {
      if (!limiters_[h].dead) what();
    });
  }

  // ---- a limiter

  void call(quota_holder h) {
    auto& [lease, dead] = limiters_[h];
    if (dead) return;
    if (const auto admission = lease.take(now_)) {
      admitted(*admission);
      if (lease.renew_due(now_)) to_owner(h, [this, h] { renew(h); });
      return;
    }
    settle(h, lease.give_back());
    to_owner(h, [this, h] {
      if (!answer(h)) parked_.push_back(h);
    });
  }
  void settle(quota_holder h, std::optional<quota_settlement> back) {
    if (!back) return;
    to_owner(h, [this, back = std::move(*back)] {
      ledger_.settle(now_, back);
      ask_again();
    });
  }
  void granted(quota_holder h, const quota_grant& grant) {
    settle(h, limiters_[h].lease.accept(now_, grant));
    at(grant.expires, [this, h, id = grant.id] { give_back(h, id); });
  }
  void give_back(quota_holder h, lease_id id) {
    if (!limiters_[h].dead && limiters_[h].lease.id() == id) {
      settle(h, limiters_[h].lease.give_back());
    }
  }

  // ---- the owner

  void renew(quota_holder h) {
    if (const auto grant = ledger_.renew(now_, limit_, h)) {
      to_holder(h, [this, h, grant = *grant] { granted(h, grant); });
    }
  }
  bool answer(quota_holder h) {
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
      for (const auto& [holder, id] : wait.recalls) {
        ++seen.recalls;
        to_holder(holder, [this, holder = holder, id = id] { give_back(holder, id); });
      }
      RC_ASSERT(wait.retry_at > now_);
      at(wait.retry_at, [this] { ask_again(); });
      return false;
    }
    return true;
  }
  void ask_again() {
    for (auto waiting = std::exchange(parked_, {}); const auto h : waiting) {
      if (!answer(h)) parked_.push_back(h);
    }
  }

  // ---- the truth

  void admitted(const quota_admission& admission) {
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
  void refused(const quota_refusal& refusal) {
    ++seen.refused;
    forget();
    RC_ASSERT(refusal.next_pass > now_);
    if (!lossy_) RC_ASSERT(ticks_.size() >= refusal.limit);
  }
  void forget() {
    while (!log_.empty() && log_.front() + window_length <= now_) log_.pop_front();
    while (!ticks_.empty() && ticks_.front() + window_length <= now_) ticks_.pop_front();
  }

  std::uint64_t limit_;
  std::uint64_t highest_limit_ = limit_;
  quota_ledger ledger_;
  std::vector<limiter> limiters_;
  std::deque<quota_holder> parked_;
  std::chrono::microseconds slowest_;
  std::minstd_rand random_;
  mono_time now_{};
  std::priority_queue<event> events_;
  std::size_t order_ = 0;
  std::map<std::size_t, mono_time> arrived_;
  std::deque<mono_time> log_;  // when calls of the last 60 s were admitted
  std::deque<tick> ticks_;     // the same, rounded up
  bool lossy_ = false;
};

}  // namespace filemint::testing
