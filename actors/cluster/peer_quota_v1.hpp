// What nodes say to each other about quotas, version 1: the form that
// core/cluster/peer_messages.hpp has on the wire, and the ways there and back. See peer_v1.hpp for
// what may change. Each begins with its sender; durations are in nanoseconds.
#pragma once

#include "actors/cluster/peer_quota_beat_v1.hpp"
#include "core/cluster/peer_messages.hpp"

#include <caf/message.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace filemint::actors::peer_v1 {

// May calls pass, or is there a lease? What follows `has_terms` is 0 or empty without them.
struct quota_ask {
  static constexpr const char* wire_name = "fm1.quota_ask";
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint16_t core = 0;
  std::string company;
  std::uint64_t number = 0;
  std::uint64_t limit = 0;
  std::uint32_t calls = 0;
  bool ahead = false;
  bool counted = true;
  std::int64_t grace_ns = 0;
  bool has_terms = false;
  std::string key;
  std::uint32_t per_day = 0;
  std::uint16_t rate = 0;
  std::uint16_t burst = 0;
  std::uint64_t tokens = 0;
  auto members() {
    return std::tie(name, incarnation, core, company, number, limit, calls, ahead, counted,
                    grace_ns, has_terms, key, per_day, rate, burst, tokens);
  }
};

// The answer, of one of four kinds. What its kind has not is 0.
struct quota_answer {
  static constexpr const char* wire_name = "fm1.quota_answer";
  enum : std::uint8_t { admitted = 1, leased = 2, refused = 3, throttled = 4 };
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint16_t core = 0;
  std::string company;
  std::uint64_t number = 0;
  std::int64_t waited_ns = 0;
  std::uint8_t kind = 0;
  std::uint64_t limit = 0;
  std::uint32_t calls = 0;        // of admitted
  std::uint64_t remaining = 0;    // of admitted, throttled
  std::int64_t reset_ns = 0;      // of admitted, throttled
  std::uint64_t lease = 0;        // of leased
  std::uint64_t amount = 0;       // of leased
  std::uint64_t floor = 0;        // of leased
  std::int64_t life_ns = 0;       // of leased
  std::int64_t next_pass_ns = 0;  // of refused, throttled
  std::uint8_t category = 0;      // of refused; 0: calls, 1: tokens
  auto members() {
    return std::tie(name, incarnation, core, company, number, waited_ns, kind, limit, calls,
                    remaining, reset_ns, lease, amount, floor, life_ns, next_pass_ns, category);
  }
};

// Give that lease back.
struct quota_recall {
  static constexpr const char* wire_name = "fm1.quota_recall";
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint16_t core = 0;
  std::string company;
  std::uint64_t lease = 0;
  auto members() { return std::tie(name, incarnation, core, company, lease); }
};

struct quota_admissions {
  static constexpr const char* wire_name = "fm1.quota_admissions";
  std::int64_t age_ns = 0;
  std::uint64_t calls = 0;
  auto members() { return std::tie(age_ns, calls); }
};

// Here it is, with what was admitted under it.
struct quota_return {
  static constexpr const char* wire_name = "fm1.quota_return";
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint16_t core = 0;
  std::string company;
  std::uint64_t lease = 0;
  std::vector<quota_admissions> admissions;
  auto members() { return std::tie(name, incarnation, core, company, lease, admissions); }
};

// I have it back.
struct quota_return_taken {
  static constexpr const char* wire_name = "fm1.quota_return_taken";
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint16_t core = 0;
  std::string company;
  std::uint64_t lease = 0;
  auto members() { return std::tie(name, incarnation, core, company, lease); }
};

// An admitted call wanted so many tokens.
struct quota_spent {
  static constexpr const char* wire_name = "fm1.quota_spent";
  std::string name;
  std::uint64_t incarnation = 0;
  std::string company;
  std::uint64_t paths = 0;
  auto members() { return std::tie(name, incarnation, company, paths); }
};

// No sound node sends more, or longer.
inline constexpr std::size_t most_names = 4'096;          // of nodes, logs, parts of them
inline constexpr std::size_t most_admissions = 1'000;     // a lease's, each of a tick
inline constexpr std::size_t most_days = 1'048'576;       // an entry's
inline constexpr std::chrono::hours longest_span{1'000};  // beyond that, it is taken for so much

// Thread safe.
[[nodiscard]] caf::message to_wire(const peer_message& message);

// Nothing: more than a sound node sends, or of an unknown kind. A time below 0 is taken for 0.
[[nodiscard]] std::optional<peer_message> from_wire(const quota_beat& in);
[[nodiscard]] std::optional<peer_message> from_wire(const quota_goodbye& in);
[[nodiscard]] std::optional<peer_message> from_wire(const quota_ask& in);
[[nodiscard]] std::optional<peer_message> from_wire(const quota_answer& in);
[[nodiscard]] std::optional<peer_message> from_wire(const quota_recall& in);
[[nodiscard]] std::optional<peer_message> from_wire(const quota_return& in);
[[nodiscard]] std::optional<peer_message> from_wire(const quota_return_taken& in);
[[nodiscard]] std::optional<peer_message> from_wire(const quota_spent& in);

}  // namespace filemint::actors::peer_v1
