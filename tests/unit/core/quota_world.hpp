// A small world in which several limiters share one company's window: a ledger, its holders,
// messages that take their time (in order between any two), holders that have no time or die. It
// keeps a log of every real admission and checks each answer.
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
#include <set>
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
    std::size_t late = 0;  // leases that came back half a second after they were over, or later
  };

  quota_world(std::uint64_t limit, std::size_t holders, std::chrono::microseconds slowest_message,
              std::uint32_t seed)
      : limit_(limit), limiters_(holders), slowest_(slowest_message), random_(seed) {}

  // A call comes to a holder at that time.
  void call_at(mono_time t, quota_holder holder) {
    at(t, [this, holder] { when_free(holder, [this, holder] { call(holder); }); });
  }
  // `noticed` later the owner is told.
  void kill_at(mono_time t, quota_holder holder, std::chrono::nanoseconds noticed) {
    lossy_ = true;
    at(t, [this, holder] { limiters_[holder].dead = true; });
    at(t + noticed, [this, holder] {
      ledger_.write_off(now_, holder);
      ask_again();
    });
  }
  // From then on the holder does nothing for so long, and then what has come meanwhile.
  void stall_at(mono_time t, quota_holder holder, std::chrono::nanoseconds length) {
    at(t, [this, holder, length] {
      auto& until = limiters_[holder].stalled_until;
      until = std::max(until, now_ + length);
    });
  }
  void set_limit_at(mono_time t, std::uint64_t limit) {
    at(t, [this, limit] {
      limit_ = limit;
      highest_limit_ = std::max(highest_limit_, limit);
    });
  }

  void run() {
    while (!events_.empty()) {
      RC_ASSERT(events_.size() <= most_events);  // whatever breeds would take all memory
      auto next = std::move(const_cast<event&>(events_.top()));
      events_.pop();
      now_ = next.when;
      next.what();
    }
    RC_ASSERT(parked_.empty());
  }

  figures seen;

private:
  static constexpr std::size_t most_events = 200'000;

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
    mono_time stalled_until;
    bool dead = false;
  };

  void at(mono_time t, std::function<void()> what) { events_.push({t, order_++, std::move(what)}); }
  // `link`: 2 × holder towards the owner, one more back.
  void send(std::size_t link, std::function<void()> what) {
    const std::chrono::microseconds delay{random_() %
                                          static_cast<std::uint64_t>(slowest_.count() + 1)};
    auto& last = arrived_[link];
    last = std::max(last, now_ + delay);
    at(last, std::move(what));
  }
  void to_owner(quota_holder h, std::function<void()> what) { send(2 * h, std::move(what)); }
  void to_holder(quota_holder h, std::function<void()> what) {
    send(2 * h + 1, [this, h, what = std::move(what)] { when_free(h, what); });
  }
  void when_free(quota_holder h, std::function<void()> what) {
    const auto& [lease, stalled_until, dead] = limiters_[h];
    if (dead) return;
    if (now_ >= stalled_until) return what();
    at(stalled_until, [this, h, what = std::move(what)] { when_free(h, what); });
  }

  // ---- a limiter
  void call(quota_holder h);
  void settle(quota_holder h, std::optional<quota_settlement> back);
  void granted(quota_holder h, const quota_grant& grant);
  void give_back(quota_holder h, lease_id id);

  // ---- the owner
  void renew(quota_holder h);
  bool answer(quota_holder h);
  void ask_again();
  void ask_again_at(mono_time t);

  // ---- the truth
  void admitted(const quota_admission& admission);
  void refused(const quota_refusal& refusal);
  void forget();

  std::uint64_t limit_;
  std::uint64_t highest_limit_ = limit_;
  quota_ledger ledger_;
  std::vector<limiter> limiters_;
  std::deque<quota_holder> parked_;  // the oldest asks, the others wait behind it
  std::set<mono_time> retries_;
  std::map<lease_id, mono_time> expiries_;  // of those that reached their holders
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
