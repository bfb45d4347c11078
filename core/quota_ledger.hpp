// The owner's rules for one company: its window, and what is leased out of it.
//
// Nothing is admitted that the ledger has not given, and all of a lease counts as used now until it
// comes back; so the calls admitted in any 60 s stay within the limit, by construction. While a
// lease lasts, what is not leased out never falls below the floor that the lease states; so `floor
// + what is left of it` is never above the truth. Nothing is refused while a lease is out: whoever
// asks waits for it, however late a holder that lives is. One that does not must be written off,
// and takes with it what it held: so leases are as large as their holders' last ones show that they
// need.
#pragma once

#include "core/quota.hpp"
#include "core/rate_window.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace filemint {

// Holds at most a few leases a holder; every function costs O(leases) and what rate_window's cost.
// Times passed in never go back. A limit is at least 1 and at most 2^62, and may differ from call
// to call: the latest one counts. Thread safety: none, one owner.
class quota_ledger {
public:
  // At 100 calls a second asking for each costs nothing that shows; more than that is leased.
  static constexpr std::uint64_t least_leased_limit = 6'000;
  // A smaller lease would save too few asks: near the end of a window each call asks, and the
  // window is used up exactly.
  static constexpr std::uint64_t least_lease = 64;
  static constexpr std::chrono::milliseconds lease_life{2'000};
  static constexpr std::uint64_t any_size = ~std::uint64_t{0};

  // For one call that waits. A holder whose lease is used up settles it first. A lease holds no
  // more than `most`. The answer may travel for so long: the call counts as admitted then.
  [[nodiscard]] quota_answer ask(mono_time now, std::uint64_t limit, quota_holder holder,
                                 std::uint64_t most = any_size,
                                 std::chrono::nanoseconds travels = {});

  // The same, but never with a lease.
  [[nodiscard]] quota_answer ask_one(mono_time now, std::uint64_t limit,
                                     std::chrono::nanoseconds travels = {});

  // How the window stands, for nobody's call.
  [[nodiscard]] quota_admission look(mono_time now, std::uint64_t limit);

  // Ahead of need: a lease if there is room for one now, without a recall. The holder's earlier
  // lease stays its own until it settles it.
  [[nodiscard]] std::optional<quota_grant> renew(mono_time now, std::uint64_t limit,
                                                 quota_holder holder,
                                                 std::uint64_t most = any_size);

  // Calls that somebody else has admitted out of this window.
  void add(mono_time now, tick at, std::uint64_t calls) { window_.add(now, at, calls); }

  // All leases that were not recalled yet.
  [[nodiscard]] std::vector<quota_recall> recall_all();
  // Those that were and are still out, in case their recalls are lost.
  [[nodiscard]] std::vector<quota_recall> recalled() const;

  // A lease comes back. One that was written off already changes nothing.
  void settle(mono_time now, const quota_settlement& back);

  // The holder is gone, or knows of no other lease of its own than `kept` (0: of none): all the
  // others' calls count as used, now or at their expiry.
  void write_off(mono_time now, quota_holder holder, lease_id kept = 0);

  // Nothing leased out and nothing in the window: this ledger may be dropped.
  [[nodiscard]] bool idle(mono_time now);

  [[nodiscard]] std::size_t leases() const noexcept { return leases_.size(); }
  // Calls, in all leases that are out.
  [[nodiscard]] std::uint64_t leased() const noexcept;
  [[nodiscard]] std::size_t entries() const noexcept { return window_.entries(); }

private:
  struct lease {
    quota_grant grant;
    quota_holder holder = 0;
    bool recalled = false;
  };

  // Calls in a lease's life, by what it did with the lease that came back last.
  [[nodiscard]] std::uint64_t need_of(quota_holder holder) const;
  [[nodiscard]] quota_answer ask_without_lease(mono_time now, std::uint64_t limit,
                                               std::int64_t free, std::int64_t need,
                                               std::chrono::nanoseconds travels);
  // What was admitted under those has left the window.
  void forget_leases(mono_time now);
  // Neither used nor leased out. Negative once the limit was lowered.
  [[nodiscard]] std::int64_t room(mono_time now, std::uint64_t limit);
  [[nodiscard]] std::int64_t promised(mono_time now) const noexcept;  // the largest floor stated
  quota_grant lease_out(mono_time now, std::uint64_t limit, std::int64_t room, std::int64_t amount,
                        quota_holder holder);
  quota_admission admit(mono_time now, std::uint64_t limit, std::int64_t room,
                        std::chrono::nanoseconds travels);
  [[nodiscard]] std::vector<quota_recall> recall_floors_above(mono_time now, std::int64_t room);

  rate_window window_;
  std::vector<lease> leases_;
  std::map<quota_holder, std::uint64_t> needs_;
  lease_id last_id_ = 0;
};

}  // namespace filemint
