// What one core counts. Its own thread writes, a scrape reads at any time; nobody locks or waits.
#pragma once

#include "metrics/cell.hpp"
#include "metrics/histogram_cells.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::metrics {

// How a mint ended. refused: the client's fault (a file is missing); failed: ours or the backend's;
// late: past its deadline.
enum class outcome : std::uint8_t { ok, refused, failed, late };
inline constexpr std::array<std::string_view, 4> outcome_names{"ok", "refused", "failed", "late"};

// Where the time of a request goes. queue: from its last byte until the first stage takes it up.
enum class phase : std::uint8_t { queue, auth, limit, parse, mint, write };
inline constexpr std::array<std::string_view, 6> phase_names{"queue", "auth", "limit",
                                                             "parse", "mint", "write"};

// The label values that are known at the start; what counts names them by their place. None is a
// path, a key or a company.
struct dimensions {
  std::vector<std::string> routes;    // file_access, access_tokens, files, ...
  std::vector<std::string> codes;     // OK, then the error codes: OK is always exported
  std::vector<std::string> backends;  // the sources' names
};

// Thread safety: the count_ and observe_ functions on the core's own thread alone, the rest on any.
// A few nanoseconds each. Indices are not checked: each must be less than its dimension.
class alignas(cache_line) core_metrics {
public:
  explicit core_metrics(const dimensions& sizes);

  void count_request(std::size_t route, std::size_t code) noexcept {
    requests_[route * codes_ + code].add(1);
  }
  void observe_mint(std::size_t backend, outcome how, std::uint64_t ns) noexcept {
    backends_[backend].mints[static_cast<std::size_t>(how)].observe(ns);
  }
  void count_tokens(std::size_t backend, std::uint64_t tokens) noexcept {
    backends_[backend].tokens.add(tokens);
  }
  // A call that was answered with tokens: all its phases but the write.
  void observe_call(std::size_t backend, std::uint64_t ns) noexcept {
    backends_[backend].calls.observe(ns);
  }
  void observe_phase(phase which, std::uint64_t ns) noexcept {
    phases_[static_cast<std::size_t>(which)].observe(ns);
  }
  void observe_batch(std::uint64_t paths) noexcept { batches_.observe(paths); }
  // What the caller's window had left after its call, refused or not. A limit is at least 1.
  void observe_window(std::uint64_t left, std::uint64_t limit) noexcept;

  void request_begins() noexcept { begun_.add(1); }
  void request_ends() noexcept { ended_.add(1); }
  void connection_opens() noexcept { opened_.add(1); }
  void connection_closes() noexcept { closed_.add(1); }
  void count_actor_restart() noexcept { actor_restarts_.add(1); }

  [[nodiscard]] std::uint64_t requests(std::size_t route, std::size_t code) const noexcept {
    return requests_[route * codes_ + code].read();
  }
  [[nodiscard]] const duration_cells& mints(std::size_t backend, outcome how) const noexcept {
    return backends_[backend].mints[static_cast<std::size_t>(how)];
  }
  [[nodiscard]] const duration_cells& calls(std::size_t backend) const noexcept {
    return backends_[backend].calls;
  }
  [[nodiscard]] std::uint64_t tokens(std::size_t backend) const noexcept {
    return backends_[backend].tokens.read();
  }
  [[nodiscard]] const phase_cells& phases(phase which) const noexcept {
    return phases_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] const batch_cells& batches() const noexcept { return batches_; }
  [[nodiscard]] const left_cells& windows() const noexcept { return windows_; }
  [[nodiscard]] std::uint64_t begun() const noexcept { return begun_.read(); }
  [[nodiscard]] std::uint64_t ended() const noexcept { return ended_.read(); }
  [[nodiscard]] std::uint64_t opened() const noexcept { return opened_.read(); }
  [[nodiscard]] std::uint64_t closed() const noexcept { return closed_.read(); }
  [[nodiscard]] std::uint64_t actor_restarts() const noexcept { return actor_restarts_.read(); }

private:
  struct backend_cells {
    std::array<duration_cells, outcome_names.size()> mints;
    duration_cells calls;
    cell tokens;
  };

  std::size_t codes_;
  cell_array requests_;  // by route, then by code
  std::vector<backend_cells> backends_;
  std::array<phase_cells, phase_names.size()> phases_;
  batch_cells batches_;
  left_cells windows_;
  cell begun_, ended_, opened_, closed_, actor_restarts_;
};

}  // namespace filemint::metrics
