// The logs of what each node has given of the companies' windows: this node's own, and as much of
// the others' as it has been told.
//
// Each admission stands in exactly one log, its giver's; so whoever takes over a company adds up
// all logs, and nothing counts twice. Entries are read in order, without gaps, and repeated until
// they are known.
#pragma once

#include "core/cluster/peer_heartbeat.hpp"
#include "core/quota_ledger.hpp"
#include "core/rate_window.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace filemint {

// Holds each entry for a window's length and a little more: an entry a company that was given
// something, a node and a heartbeat, and one for tokens that came to a former owner. Times passed
// in never go back. Thread safety: none, one owner.
class given_logs {
public:
  struct entry {
    std::string company;
    std::uint64_t calls = 0;
    std::uint64_t leased = 0;
    std::uint64_t tokens = 0;
    mono_time at;  // never before it was given
    std::vector<key_day> days;
  };
  using visitor = std::function<void(const node_id& giver, const entry&)>;

  // A lease's life, then a window, and by how much a message can be late.
  static constexpr auto kept = quota_ledger::lease_life + window_length + std::chrono::seconds{1};
  static constexpr std::size_t most_entries = 4'096;  // in a part

  explicit given_logs(node_id self) : self_(std::move(self)) {}

  // This node's next entry. Returns its position.
  std::uint64_t write(entry what);
  [[nodiscard]] std::uint64_t written() const { return known(self_); }

  // 0: nothing. O(log givers).
  [[nodiscard]] std::uint64_t known(const node_id& giver) const;
  [[nodiscard]] std::vector<log_position> positions() const;
  [[nodiscard]] bool holds_any_of(const node_id& giver) const;

  // What follows that position, to be sent now. Nothing: nothing does.
  [[nodiscard]] std::optional<given_part> after(mono_time now, const node_id& giver,
                                                std::uint64_t position) const;

  // Adds what is new, if it follows what is known, and shows it.
  void take(mono_time now, const given_part& part, const visitor& fresh);

  // Every entry that is kept, log by log, in their order.
  void each(const visitor& show) const;

  // Drops what is too old. A log that ends so is forgotten, but not this node's own.
  void forget(mono_time now);

  [[nodiscard]] std::size_t entries() const;

private:
  struct one_log {
    std::uint64_t last = 0;  // position of the last entry
    std::deque<entry> entries;
    mono_time touched;
    [[nodiscard]] std::uint64_t first() const { return last + 1 - entries.size(); }
  };

  node_id self_;
  std::map<node_id, one_log> logs_;
};

}  // namespace filemint
