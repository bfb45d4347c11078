// Whether something remote is asked, or left alone for a while: a circuit breaker. It opens when
// too many of the latest calls failed or were slow, lets a few trials through after a rest, and
// closes when they went well.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

namespace filemint {

struct circuit_terms {
  std::chrono::milliseconds window{10'000};  // the latest calls are those that ended in it
  std::uint32_t least_calls = 20;            // fewer of them tell nothing
  std::uint32_t bad_percent = 50;            // so many of them open it
  std::chrono::milliseconds slow{1'000};     // a call that took so long is a bad one
  // How long it stays open; each time without success twice as long. A quarter more or less, by
  // chance, so that nodes do not try at one moment.
  std::chrono::milliseconds first_rest{1'000};
  std::chrono::milliseconds longest_rest{30'000};
  std::uint32_t trials = 3;  // good ones that close it; so many run at once
};

enum class circuit_state : std::uint8_t { closed, half_open, open };
inline constexpr std::size_t circuit_states = 3;

// unknown: it tells nothing of the other side.
enum class call_end : std::uint8_t { good, bad, unknown };

// Every function is O(1). Times passed in never go back. Thread safety: none, one owner.
class circuit {
public:
  // Whoever begins a call keeps this, and ends it once.
  struct call {
    mono_time began;
    std::uint64_t period;  // of the circuit: since its state has changed
  };

  explicit circuit(std::uint32_t seed, const circuit_terms& terms = {});

  // Nothing: the call must not be made, before retry_at() it is of no use to ask again.
  [[nodiscard]] std::optional<call> begin(mono_time now);
  void end(const call& ended, mono_time now, call_end how);

  [[nodiscard]] circuit_state state() const noexcept { return state_; }
  // When a call may pass again: of an open circuit. Otherwise a time that has passed.
  [[nodiscard]] mono_time retry_at() const noexcept { return retry_at_; }

private:
  struct counts {
    std::int64_t slice = -1;  // of time, since the clock's epoch
    std::uint32_t calls = 0;
    std::uint32_t bad = 0;
  };
  static constexpr std::size_t slices = 10;

  void count(mono_time now, bool bad);
  [[nodiscard]] bool is_bad_enough(mono_time now) const;
  [[nodiscard]] std::int64_t slice_of(mono_time t) const;
  void open(mono_time now);
  void change(circuit_state to);

  circuit_terms terms_;
  circuit_state state_ = circuit_state::closed;
  std::uint64_t period_ = 0;
  std::array<counts, slices> window_{};
  mono_time retry_at_{};
  std::chrono::milliseconds rest_;
  std::uint32_t out_ = 0, good_ = 0;  // trials
  std::mt19937 chance_;
};

}  // namespace filemint
