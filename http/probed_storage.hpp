// One object store, asked by signed HEAD requests whether its files exist: what it has told lately,
// its circuit, and the calls that wait for its answers, which it serves in turns.
#pragma once

#include "actors/fetcher.hpp"
#include "actors/prober.hpp"
#include "backends/backend.hpp"
#include "core/circuit.hpp"
#include "core/clock.hpp"
#include "core/existence_cache.hpp"
#include "http/probe_answer.hpp"
#include "http/storage_warnings.hpp"
#include "metrics/storage_numbers.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace filemint::http {

struct storage_terms {
  existence_terms cache;
  bool missing_as_403 = false;  // 403 stands for a file that is missing
  friend bool operator==(const storage_terms&, const storage_terms&) = default;
};

// One call's paths. One that goes unanswered is answered service_unavailable.
class probe_task {
public:
  using answer_function = std::move_only_function<void(actors::probe_outcome)>;

  // Later than `until` its answer is of no use.
  probe_task(std::span<const file_path> paths, mono_time until, answer_function done)
      : paths_(paths), until_(until), done_(std::move(done)) {}
  probe_task(probe_task&& other) noexcept
      : paths_(other.paths_), until_(other.until_), done_(std::exchange(other.done_, nullptr)) {}
  probe_task& operator=(probe_task&&) = delete;
  ~probe_task() { answer(fail(errc::service_unavailable)); }

  // The first alone.
  void answer(actors::probe_outcome outcome) {
    if (!answered()) std::exchange(done_, nullptr)(std::move(outcome));
  }
  [[nodiscard]] bool answered() const noexcept { return done_ == nullptr; }
  [[nodiscard]] std::span<const file_path> paths() const noexcept { return paths_; }
  [[nodiscard]] mono_time until() const noexcept { return until_; }

private:
  std::span<const file_path> paths_;
  mono_time until_;
  answer_function done_;
};

// Thread safety: made and destroyed anywhere, cells() anywhere; all else on the fetcher's thread.
class probed_storage final : public std::enable_shared_from_this<probed_storage> {
public:
  static constexpr std::size_t at_once = 64;      // probes; calls share them in turns
  static constexpr std::size_t most_calls = 256;  // that wait: others are held back
  // A HEAD that takes longer counts as lost; what has less time left is not begun.
  static constexpr std::chrono::milliseconds longest_probe{2'000};
  static constexpr std::chrono::milliseconds shortest_probe{20};

  struct surroundings {
    actors::fetcher& by;
    std::function<instant()> now;
    storage_warnings::told tell;
    std::uint32_t seed;  // of the circuit's chance
  };

  // `signs` outlives it, and has probes().
  probed_storage(const backends::backend& signs, const storage_terms& terms, surroundings around);

  void look(probe_task task);
  // Calls that wait are answered service_unavailable. The fetcher has ended.
  void end();
  void set_terms(const storage_terms& terms);
  [[nodiscard]] const metrics::storage_cells& cells() const noexcept { return cells_; }

private:
  class call;
  using call_ptr = std::shared_ptr<call>;
  struct probe;

  void pump();
  void post_pump();
  [[nodiscard]] std::size_t ask_some(const call_ptr& of);
  void send(const call_ptr& of, std::span<const probe> probes, instant now);
  void take(const call_ptr& of, const probe& sent, const actors::fetch_outcome& answered);
  void hold_back(call& held, mono_time now);
  void enqueue(const call_ptr& again);
  void note_circuit();

  const backends::backend& signs_;
  surroundings around_;
  backends::remote_origin origin_;
  std::string uri_prefix_;  // up to and with the '/' before a path
  storage_terms terms_;
  existence_cache cache_;
  circuit circuit_;
  storage_warnings warnings_;
  std::deque<call_ptr> waiting_;             // those that have paths to ask for, in turns
  std::shared_ptr<std::size_t> open_calls_;  // not answered yet
  std::size_t in_flight_ = 0;                // probes
  bool pumping_ = false;
  bool pump_posted_ = false;
  metrics::storage_cells cells_;
};

}  // namespace filemint::http
