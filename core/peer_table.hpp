// Who of a node's peers is there, as its heartbeats tell: the rules, without clocks and threads of
// their own.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// up: heard within suspect_after. suspect: linked, not heard for longer. down: no link, or not
// heard for down_after.
enum class peer_state : std::uint8_t { down, suspect, up };
inline constexpr std::array<std::string_view, 3> peer_state_names{"down", "suspect", "up"};

struct peer_terms {
  std::chrono::milliseconds beat{250};            // from one heartbeat to the next
  std::chrono::milliseconds suspect_after{1000};  // without a heartbeat
  std::chrono::milliseconds down_after{2000};
};

// Whoever could read the store no more and has heard no peer for so long is cut off.
inline constexpr std::chrono::milliseconds isolated_after{8'000};

// What a peer tells of itself when a link begins.
struct peer_greeting {
  std::uint64_t incarnation = 0;  // another one after each start
  std::uint32_t version = 0;      // of what is spoken with it
  std::string release = {};       // its filemint's version
};

struct peer_view {
  std::string name = {};
  peer_state state = peer_state::down;
  bool said_goodbye = false;  // it ended by intent: nobody has to miss it
  peer_greeting greeting = {};
  mono_time since{};  // when the state began
  std::optional<mono_time> heard = {};
  std::optional<std::chrono::microseconds> round_trip = {};  // of the last heartbeat told back
};

struct peer_beat {
  std::uint64_t incarnation = 0;
  std::uint64_t sequence = 0;  // of this heartbeat, from 1
  std::uint64_t heard = 0;     // the last one that it had of ours; 0: none
  std::chrono::microseconds heard_ago{0};
};

struct peer_change {
  std::string name;
  peer_state from = peer_state::down;
  peer_state to = peer_state::down;
};

// When the last of those peers was heard that have not said goodbye; `since` if none was yet.
// mono_time::max(): there are none, and so nobody to be cut off from.
[[nodiscard]] mono_time last_heard(std::span<const peer_view> peers, mono_time since) noexcept;

// Not thread safe. Times never run backwards.
class peer_table {
public:
  explicit peer_table(peer_terms terms = {}) : terms_(terms) {}

  // That peer belongs to the cluster; it is down until it greets.
  void expect(std::string_view name, mono_time now);
  // It does not any more.
  void forget(std::string_view name);

  // The functions below tell what has changed, if anything.
  std::optional<peer_change> greeted(std::string_view name, const peer_greeting& greeting,
                                     mono_time now);
  // A heartbeat. One of another incarnation than greeted, and one that is older than what was
  // heard, count for nothing.
  std::optional<peer_change> heard(std::string_view name, const peer_beat& beat, mono_time now);
  std::optional<peer_change> lost(std::string_view name, mono_time now);
  std::optional<peer_change> left(std::string_view name, std::uint64_t incarnation, mono_time now);
  std::vector<peer_change> look(mono_time now);

  // The number of the next heartbeat to all, sent now.
  std::uint64_t next_beat(mono_time now);
  // What to tell that peer about its own heartbeats: the last one heard, and how long ago.
  [[nodiscard]] peer_beat told_back(std::string_view name, mono_time now) const;

  [[nodiscard]] const peer_view* find(std::string_view name) const;
  [[nodiscard]] std::vector<peer_view> all() const;  // by name

private:
  struct entry {
    peer_view view;
    std::uint64_t last_sequence = 0;
  };
  static std::optional<peer_change> put(entry& of, peer_state to, mono_time now);
  entry* known(std::string_view name);

  static constexpr std::size_t remembered = 64;  // heartbeats whose answers give a round trip
  const peer_terms terms_;
  std::map<std::string, entry, std::less<>> peers_;
  std::uint64_t beats_ = 0;
  std::array<mono_time, remembered> sent_{};
};

}  // namespace filemint
