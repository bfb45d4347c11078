// What nodes tell each other without being asked: which of them live, and what they have given.
// See peer_messages.hpp for how times cross the wire.
#pragma once

#include "core/day_book.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace filemint {

// A process: a node that is started again has the same name and another incarnation, a higher one
// unless its wall clock was set back.
struct node_id {
  std::string name;
  std::uint64_t incarnation = 0;
  friend auto operator<=>(const node_id&, const node_id&) = default;
};

// What a node has given of a company's windows since its entry before: one line of its log. One
// without a company tells of days alone.
struct given_entry {
  std::string company;
  std::uint64_t calls = 0;         // singly, or under leases that came back
  std::uint64_t leased = 0;        // out at that moment, in all
  std::uint64_t tokens = 0;        // that its calls turned out to want
  std::chrono::nanoseconds age{};  // negative: of calls whose answers are still under way
  std::vector<key_day> days;       // as they stood then
  friend bool operator==(const given_entry&, const given_entry&) = default;
};

// Consecutive entries of one node's log.
struct given_part {
  node_id giver;
  std::uint64_t first = 1;  // the first entry's position
  bool oldest = false;      // what stood before it has left every window
  std::vector<given_entry> entries;
  friend bool operator==(const given_part&, const given_part&) = default;
};

struct log_position {
  node_id giver;
  std::uint64_t position = 0;
  friend bool operator==(const log_position&, const log_position&) = default;
};

struct peer_heartbeat {
  node_id from;
  std::uint64_t number = 0;        // ascending, for each receiver
  std::uint64_t confirmed_of = 0;  // the receiver's incarnation
  std::uint64_t confirmed = 0;     // the highest number that came from it
  bool prompt = false;             // somebody waits for the confirmation

  std::uint64_t version = 0;    // of the candidates
  std::uint64_t effective = 0;  // the version whose owners may count on the sender
  std::vector<std::string> candidates;
  std::vector<std::string> hears;    // peers that live, sorted
  std::vector<std::string> dropped;  // of those, see disagreements
  bool seasoned = false;             // see cluster_view
  bool leaving = false;

  std::vector<log_position> known;  // all that the sender knows of each log
  std::vector<given_part> parts;
  friend bool operator==(const peer_heartbeat&, const peer_heartbeat&) = default;
};

// The sender is out at once, and gives nothing any more.
struct peer_goodbye {
  node_id from;
  friend bool operator==(const peer_goodbye&, const peer_goodbye&) = default;
};

}  // namespace filemint
