// One minting call on its way through the actors. The chain owns it; it is moved along, and whoever
// drops it unanswered has answered 500.
#pragma once

#include "actors/load_meter.hpp"
#include "actors/parse_room.hpp"
#include "actors/workspace.hpp"
#include "api/mint_answer.hpp"
#include "core/authenticate.hpp"
#include "core/clock.hpp"
#include "core/quota.hpp"
#include "core/result.hpp"
#include "core/route_scope.hpp"
#include "core/snapshot.hpp"
#include "metrics/core_metrics.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::actors {

class exchange;
using exchange_ptr = std::shared_ptr<exchange>;

// What the answer's headers, metrics and log line need to know of a call. Moves to the reply with
// the outcome.
struct trail {
  snapshot_ptr known;  // what `who` points into; set by answer()
  principal who;
  std::optional<quota_admission> rate;
  std::string_view source;  // the configuration's; empty: the call did not get that far
  std::uint32_t paths = 0;  // distinct, and minted when the outcome is an answer
  std::array<std::chrono::nanoseconds, metrics::phase_names.size()> phases{};
  load_share in_flight;  // until the last byte is sent
  load_share answer_bytes;
};

using outcome = result<api::answer_bytes>;

// Where an outcome goes: a session.
class reply_target {
public:
  virtual ~reply_target() = default;
  // Any thread; once an exchange.
  virtual void deliver(outcome result, trail of_call) noexcept = 0;
};

class body_source;  // actors/stages.hpp

enum class body_state : std::uint8_t {
  complete,    // in the workspace
  pending,     // still on its way: read after admission
  over_limit,  // longer than is taken
};

// The head's words that the stages need, set by the session before the exchange sets out.
struct call_head {
  route_scope route = scope_file_access;
  std::optional<std::string> authorization;
  std::string content_type;
  bool content_encoded = false;  // other than identity
};

// Thread safety: one stage at a time holds it; answer() may race with itself, the first wins.
class exchange {
public:
  exchange(std::shared_ptr<reply_target> target, workspace_ptr room)
      : work(std::move(room)), target_(std::move(target)) {}
  ~exchange() { answer(fail(errc::internal_server_error)); }
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  // What comes after the first answer is dropped.
  void answer(outcome result) noexcept {
    if (answered_.exchange(true)) return;
    notes.known = known;
    std::exchange(target_, nullptr)->deliver(std::move(result), std::move(notes));
  }
  [[nodiscard]] bool answered() const noexcept { return answered_.load(std::memory_order_relaxed); }

  // The time since the last mark was spent in that phase.
  void mark(metrics::phase p, mono_time at) noexcept {
    notes.phases[static_cast<std::size_t>(p)] = at - last_mark_;
    last_mark_ = at;
  }
  void start_clock(mono_time at) noexcept { last_mark_ = at; }

  // On whatever thread the stage says; the values are views into the workspace.
  void parse_body(std::size_t max_paths) {
    parsed = parsing().parser.parse(work->body.text(), work->body.capacity(), max_paths);
  }
  // Where the body is parsed and its paths are checked.
  [[nodiscard]] workspace& parsing() noexcept { return large ? *large : *work; }

  call_head head;
  snapshot_ptr known;  // auth; a helper core may still sign with its keys after the answer
  trail notes;
  workspace_ptr work;      // the body, and all of a small call
  parse_permit turn;       // a larger one's
  load_share parse_bytes;  // of its parser, in the node's budget
  workspace_ptr large;     // where it is parsed
  body_state body = body_state::complete;
  std::shared_ptr<body_source> rest_of_body;  // while body is pending
  load_share body_bytes;
  load_share company_body_bytes;       // of its company's eighth
  result<api::parsed_request> parsed;  // dispatcher
  api::mint_request wanted{};          // dispatcher; in force once validated

private:
  std::shared_ptr<reply_target> target_;
  std::atomic<bool> answered_{false};
  mono_time last_mark_{};
};

}  // namespace filemint::actors
