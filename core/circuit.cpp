#include "core/circuit.hpp"

#include <algorithm>

namespace filemint {

circuit::circuit(std::uint32_t seed, const circuit_terms& terms)
    : terms_(terms), rest_(terms.first_rest), chance_(seed) {}

std::optional<circuit::call> circuit::begin(mono_time now) {
  if (state_ == circuit_state::open) {
    if (now < retry_at_) return std::nullopt;
    change(circuit_state::half_open);
  }
  if (state_ == circuit_state::half_open) {
    if (out_ + good_ >= terms_.trials) return std::nullopt;
    ++out_;
  }
  return call{now, period_};
}

void circuit::end(const call& ended, mono_time now, call_end how) {
  if (ended.period != period_) return;  // it began before, and tells of that time
  const bool bad = how == call_end::bad || now - ended.began >= terms_.slow;
  if (state_ == circuit_state::closed) {
    if (how == call_end::unknown) return;
    count(now, bad);
    if (bad && is_bad_enough(now)) open(now);
    return;
  }
  --out_;
  if (how == call_end::unknown) return;
  if (bad) return open(now);
  if (++good_ < terms_.trials) return;
  change(circuit_state::closed);
  rest_ = terms_.first_rest;
}

std::int64_t circuit::slice_of(mono_time t) const {
  return t.time_since_epoch() / std::chrono::nanoseconds{terms_.window} * std::int64_t{slices} +
         t.time_since_epoch() % std::chrono::nanoseconds{terms_.window} * std::int64_t{slices} /
             std::chrono::nanoseconds{terms_.window};
}

void circuit::count(mono_time now, bool bad) {
  const auto slice = slice_of(now);
  auto& at = window_[static_cast<std::size_t>(slice) % slices];
  if (at.slice != slice) at = {.slice = slice};
  ++at.calls;
  if (bad) ++at.bad;
}

bool circuit::is_bad_enough(mono_time now) const {
  const auto oldest = slice_of(now) - std::int64_t{slices} + 1;
  std::uint64_t calls = 0, bad = 0;
  for (const auto& each : window_) {
    if (each.slice < oldest) continue;
    calls += each.calls;
    bad += each.bad;
  }
  return calls >= terms_.least_calls && bad * 100 >= calls * terms_.bad_percent;
}

void circuit::open(mono_time now) {
  change(circuit_state::open);
  std::uniform_int_distribution<std::int64_t> spread{-rest_.count() / 4, rest_.count() / 4};
  retry_at_ = now + rest_ + std::chrono::milliseconds{spread(chance_)};
  rest_ = std::min(rest_ * 2, terms_.longest_rest);
}

void circuit::change(circuit_state to) {
  state_ = to;
  ++period_;
  window_ = {};
  out_ = good_ = 0;
}

}  // namespace filemint
