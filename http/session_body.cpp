// A body that was not there yet, and what is left of one when its call is refused.
#include "http/session.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <utility>

namespace filemint::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_dropped =
    64 * 1024;  // of a refused call's body; beyond that the connection goes
constexpr std::chrono::seconds body_grace{5};  // before its rate counts
constexpr std::chrono::seconds linger_timeout{2};
constexpr std::size_t most_lingered = 1024 * 1024;

}  // namespace

void session::read_body(actors::admitted call) {
  if (actors::worker::current() != services_.core.home) {
    asio::post(services_.io,
               [self = shared_from_this(), call = std::move(call)] { self->read_body(call); });
    return;
  }
  if (state_ != state::answering) return;  // closed, or past its deadline
  call_ = std::move(call);
  begin_reading_body();
}

void session::begin_reading_body() {
  state_ = state::body;
  body_began_ = mono_clock::now();
  auto& work = *(*call_)->work;
  body_received_ = work.body.size();
  const auto size =
      body_received_ + static_cast<std::size_t>(intake_.left().value_or(largest_body_));
  auto& core = services_.core;
  (*call_)->body_bytes = {};  // of what came with the head
  auto share =
      core.bodies.take((*call_)->notes.who.caller->index, size,
                       services_.settings().http.body_budget_bytes, core.node.load.cores());
  auto room =
      core.node.load.take(actors::load_kind::body_bytes, core.core, actors::memory_of_body(size));
  if (!share || !room) {
    state_ = state::answering;
    return (*std::exchange(call_, std::nullopt))->answer(fail(errc::service_unavailable));
  }
  (*call_)->body_bytes = std::move(*room);
  (*call_)->company_body_bytes = std::move(*share);
  if (intake_.left()) work.body.reserve(size);

  if (std::exchange(client_waits_, false)) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (transport_.write(go_on, {}).bytes != go_on.size()) return close();
  }
  set_deadline(body_grace);
  wait_readable();
}

void session::append_body(std::string_view bytes) {
  body_received_ += bytes.size();
  if (body_received_ <= largest_body_) (*call_)->work->body.append(bytes);
}

void session::take_body(std::string_view bytes) {
  const bool leftovers = !in_.empty() && in_.size() > used_;  // an unfinished chunk line
  if (leftovers) {
    in_.append(bytes);
    bytes = std::string_view{in_}.substr(used_);
  }
  const auto step = intake_.feed(bytes, [this](std::string_view piece) { append_body(piece); });
  if (leftovers) {
    in_.erase(0, std::exchange(used_, 0) + step.consumed);
  } else {
    in_.append(bytes.substr(step.consumed));
  }
  if (body_received_ > largest_body_) {
    (*call_)->body = actors::body_state::over_limit;
    keep_alive_ = false;
    return finish_body();
  }
  switch (step.verdict) {
    case intake_verdict::need_more:
      wait_readable();
      break;
    case intake_verdict::complete:
      (*call_)->body = actors::body_state::complete;
      finish_body();
      break;
    case intake_verdict::bad:
      intake_ = {};
      keep_alive_ = false;
      state_ = state::answering;
      (*std::exchange(call_, std::nullopt))->answer(fail(errc::bad_request));
      break;
  }
}

void session::finish_body() {
  state_ = state::answering;
  set_deadline(services_.settings().http.request_deadline);
  (*call_)->start_clock(mono_clock::now());  // the wait is no part of the parse phase
  caf::anon_send(services_.entrance.dispatcher, *std::exchange(call_, std::nullopt));
}

bool session::body_too_slow(mono_time now) const noexcept {
  const auto& http = services_.settings().http;
  const auto spent = now - body_began_;
  if (spent >= http.body_timeout) return true;
  const auto counted = std::chrono::floor<std::chrono::seconds>(spent - body_grace).count();
  return counted > 0 &&
         body_received_ < http.min_rate_bytes_per_second * static_cast<std::size_t>(counted);
}

// ---- what a refused call leaves unread

bool session::rest_can_be_dropped() const noexcept {
  if (intake_.done()) return true;
  if (client_waits_)
    return false;  // it may send the body, or not: nobody can tell where the next request begins
  return !intake_.left() || *intake_.left() <= most_dropped;
}

void session::discard(std::string_view bytes) {
  state_ = state::discarding;
  in_.append(bytes);
  const auto step = intake_.feed(std::string_view{in_}.substr(used_),
                                 [this](std::string_view piece) { dropped_ += piece.size(); });
  used_ += step.consumed;
  if (step.verdict == intake_verdict::complete) return next_request();
  if (step.verdict == intake_verdict::bad || dropped_ > most_dropped) return linger();
  in_.erase(0, std::exchange(used_, 0));
  wait_readable();
}

// Half-closes and reads for a while, so that the answer is not lost to a reset (RFC 9112 §9.6).
void session::linger() {
  state_ = state::lingering;
  transport_.shutdown_send();
  dropped_ = 0;
  set_deadline(linger_timeout);
  wait_readable();
}

void session::linger_on(std::size_t received) {
  dropped_ += received;
  if (dropped_ > most_lingered) return close();
  wait_readable();
}

}  // namespace filemint::http
