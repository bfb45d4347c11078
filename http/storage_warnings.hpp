// What the log is told of an object store that is asked whether files exist: each kind of trouble
// once a minute at most.
#pragma once

#include "actors/fetcher.hpp"
#include "core/circuit.hpp"
#include "core/clock.hpp"
#include "http/probe_answer.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace filemint::http {

// Thread safety: none, one owner.
class storage_warnings {
public:
  static constexpr std::chrono::minutes pause{1};
  static constexpr std::chrono::seconds tolerated_skew{5};

  // Takes a sentence; it holds no path.
  using told = std::function<void(std::string_view)>;
  explicit storage_warnings(told tell) : tell_(std::move(tell)) {}

  void note(const probe_answer& answer, const actors::fetch_outcome& answered, mono_time now);
  // Its changes between closed and not.
  void note(circuit_state state);

private:
  enum class kind : std::uint8_t { forbidden, rejected, failed, skew };
  void say(kind of, mono_time now, const std::function<std::string()>& what);

  told tell_;
  std::array<mono_time, 4> next_{};
  bool circuit_closed_ = true;
};

}  // namespace filemint::http
