// What nodes tell each other about quotas, as plain values.
//
// Companies, keys and nodes stand by name: an index is a node's own. No point in time crosses the
// wire: what is past is an age, counted back from the sending, and what is to come is a duration.
// Whoever receives reckons from the moment of receipt, so an admission counts as later than it
// was, never as earlier; a lease's life is reckoned from when it was asked for, so it ends earlier
// than its owner thinks. Clocks need no common zero, only the same pace.
#pragma once

#include "core/cluster/peer_heartbeat.hpp"
#include "core/quota.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace filemint {

// `core`: which of the asker's limiters.
struct peer_ask {
  node_id from;
  std::uint16_t core = 0;
  std::string company;
  std::uint64_t number = 0;  // the asker's: an answer to another one is not taken
  std::uint64_t limit = 0;
  std::uint32_t calls = 1;  // that wait
  bool ahead = false;       // nobody waits: a lease or no answer
  bool counted = true;      // else by no window: the terms' throttle alone
  // An answer that comes later than so long after the sending, beside what it waited, admits
  // nothing: the owner counts calls as admitted then.
  std::chrono::nanoseconds grace{};
  std::optional<call_terms> terms = {};
  friend bool operator==(const peer_ask&, const peer_ask&) = default;
};

// Figures of an answer's headers; `reset` from the receipt.
struct window_figures {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;
  std::chrono::nanoseconds reset{};
  friend bool operator==(const window_figures&, const window_figures&) = default;
};
struct calls_admitted {
  std::uint32_t calls = 1;
  window_figures window;
  friend bool operator==(const calls_admitted&, const calls_admitted&) = default;
};
struct calls_leased {
  lease_id id = 0;
  std::uint64_t amount = 0;
  std::uint64_t limit = 0;
  std::uint64_t floor = 0;
  std::chrono::nanoseconds life{};  // from the ask's sending, beside what it waited
  friend bool operator==(const calls_leased&, const calls_leased&) = default;
};
struct calls_refused {
  std::uint64_t limit = 0;
  std::chrono::nanoseconds next_pass{};
  quota_category category = quota_category::calls;
  friend bool operator==(const calls_refused&, const calls_refused&) = default;
};
struct calls_throttled {
  window_figures window;
  std::chrono::nanoseconds next_pass{};
  friend bool operator==(const calls_throttled&, const calls_throttled&) = default;
};

struct peer_answer {
  node_id from;
  std::uint16_t core = 0;
  std::string company;
  std::uint64_t number = 0;           // the ask's
  std::chrono::nanoseconds waited{};  // at the owner
  std::variant<calls_admitted, calls_leased, calls_refused, calls_throttled> what;
  friend bool operator==(const peer_answer&, const peer_answer&) = default;
};

struct peer_recall {
  node_id from;
  std::uint16_t core = 0;
  std::string company;
  lease_id id = 0;
  friend bool operator==(const peer_recall&, const peer_recall&) = default;
};

// Sent again until it is taken.
struct peer_return {
  struct admitted_then {
    std::chrono::nanoseconds age{};
    std::uint64_t calls = 0;
    friend bool operator==(const admitted_then&, const admitted_then&) = default;
  };
  node_id from;
  std::uint16_t core = 0;
  std::string company;
  lease_id id = 0;
  std::vector<admitted_then> admissions;
  friend bool operator==(const peer_return&, const peer_return&) = default;
};
struct peer_return_taken {
  node_id from;
  std::uint16_t core = 0;
  std::string company;
  lease_id id = 0;
  friend bool operator==(const peer_return_taken&, const peer_return_taken&) = default;
};

// Tokens that an admitted call turned out to want.
struct peer_spent {
  node_id from;
  std::string company;
  std::uint64_t paths = 0;
  friend bool operator==(const peer_spent&, const peer_spent&) = default;
};

using peer_message = std::variant<peer_heartbeat, peer_goodbye, peer_ask, peer_answer, peer_recall,
                                  peer_return, peer_return_taken, peer_spent>;

// A message for the node of that name.
struct peer_letter {
  std::string to;
  peer_message what;
};

}  // namespace filemint
