#include "http/session.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace filemint::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_kept_buffer = 4 * 1024;  // by an idle connection

framing_limits limits_of(const config& settings) {
  return {settings.http.max_header_bytes, settings.http.max_header_fields};
}

// Of a malformed head nothing is believed but its method: an answer to HEAD has no body.
request without_fields(verb method) noexcept {
  request head;
  head.method = method;
  return head;
}

}  // namespace

session::session(core_services& services, ready_socket::pointer socket, ssl_ptr ssl,
                 const port& port, const peer_address& peer,
                 std::move_only_function<void()> on_close)
    : services_(services),
      transport_(std::move(socket), std::move(ssl)),
      port_(port),
      on_close_(std::move(on_close)),
      peer_(peer),
      address_(peer ? peer->text() : "unix"),
      framing_(limits_of(services.settings())) {
  if (port_.kind == port_kind::client) services_.core.counts.connection_opens();
}

void session::start() {
  services_.sessions.push_back(*this);
  set_deadline(services_.settings().http.header_timeout);
  if (!transport_.is_tls()) return wait_readable();
  state_ = state::handshake;
  shake_hands();
}

void session::shake_hands() {
  switch (transport_.handshake().step) {
    case io_step::done: {
      state_ = state::idle;
      const auto& http = services_.settings().http;
      set_deadline(services_.draining ? http.drain_idle : http.header_timeout);
      return wait_readable();
    }
    case io_step::would_block:
      return transport_.wait_read([self = shared_from_this()] {
        if (self->state_ != state::closed) self->shake_hands();
      });
    case io_step::ended:
      return close();
  }
}

void session::close() noexcept {
  if (state_ == state::closed) return;
  if (state_ == state::writing) record();  // it got that much of its answer
  state_ = state::closed;
  deadline_wheel::clear(*this);
  session_hook::unlink();
  transport_.close();
  call_.reset();
  reply_ = {};
  trail_ = {};
  count_end();
  if (port_.kind == port_kind::client) services_.core.counts.connection_closes();
  if (on_close_) std::exchange(on_close_, nullptr)();
}

void session::reset() noexcept {
  transport_.reset();
  close();
}

void session::drain(std::chrono::milliseconds idle) {
  if (state_ != state::idle && state_ != state::handshake) return;
  if (idle.count() == 0) {
    close();
  } else {
    set_deadline(idle);
  }
}

void session::refuse() {
  const auto self = shared_from_this();
  if (state_ == state::body) {
    state_ = state::answering;
    (*std::exchange(call_, std::nullopt))->answer(fail(errc::service_unavailable));
  } else if (state_ == state::answering) {
    give_up(errc::service_unavailable);
  }
}

void session::give_up(errc why) {
  if (const auto call = pending_.lock()) {
    call->answer(fail(why));
  } else if (minting_) {
    set_deadline(std::chrono::seconds{1});  // answered elsewhere: that outcome is on its way here
  } else {
    ++request_no_;  // the route's own answer comes too late
    answer(error_reply(error{why}));
  }
}

void session::set_deadline(std::chrono::milliseconds in) {
  services_.wheel.set_in(*this, in);
}

void session::on_deadline() {
  const auto self = shared_from_this();
  switch (state_) {
    case state::body:
      if (body_too_slow(mono_clock::now())) break;
      set_deadline(std::chrono::seconds{1});
      return;
    case state::answering:
      return give_up(errc::gateway_timeout);
    case state::writing:
      if (taken_by_client() - checkpoint_.value_or(0) <
          static_cast<std::int64_t>(services_.settings().http.min_rate_bytes_per_second) *
              write_check_interval.count()) {
        return reset();
      }
      renew_write_deadline();
      return;
    default:
      break;
  }
  close();
}

void session::wait_readable() {
  transport_.wait_read([self = shared_from_this()] {
    if (self->state_ != state::closed) self->on_readable();
  });
}

// Into the core's block. Nothing: the connection has ended, and so has the session.
std::optional<std::size_t> session::receive() {
  const auto got = transport_.read({services_.block.get(), core_services::read_block});
  if (got.step != io_step::ended) return got.bytes;
  close();
  return std::nullopt;
}

void session::on_readable() {
  const auto n = receive();
  if (!n) return;
  const std::string_view bytes{services_.block.get(), *n};
  switch (state_) {
    case state::body:
      take_body(bytes);
      break;
    case state::discarding:
      discard(bytes);
      break;
    case state::lingering:
      linger_on(bytes.size());
      break;
    default:
      if (in_.empty()) return process(bytes);
      in_.append(bytes);
      process(in_);
  }
}

void session::process(std::string_view received) {
  if (state_ == state::closed) return;
  if (received.empty()) return wait_readable();
  if (state_ == state::idle) {
    state_ = state::head;
    began_ = mono_clock::now();
    set_deadline(services_.settings().http.header_timeout);
  }
  switch (framing_.read(received)) {
    case framing_verdict::need_more:
      keep(received);
      wait_readable();
      break;
    case framing_verdict::bad:
      begin_request(without_fields(framing_.head().method));
      keep(received);
      answer(error_reply(error{errc::bad_request}));
      break;
    case framing_verdict::complete:
      begin_request(framing_.head());
      dispatch(framing_.head(), received);
      break;
  }
}

// What the core's block holds beyond `used_` is copied only when there is such a rest.
void session::keep(std::string_view received) {
  if (!in_.empty()) return;  // `received` is in_
  in_ = received.substr(std::exchange(used_, 0));
}

void session::next_request() {
  in_.erase(0, used_);
  used_ = 0;
  framing_.reset(limits_of(services_.settings()));
  pending_.reset();
  minting_ = false;
  ++request_no_;
  state_ = state::idle;
  if (!in_.empty()) {  // pipelined: not from within the one before
    asio::post(services_.io, [self = shared_from_this()] { self->process(self->in_); });
    return;
  }
  if (in_.capacity() > largest_kept_buffer) std::string{}.swap(in_);
  if (out_.capacity() > largest_kept_buffer) std::string{}.swap(out_);
  const auto& http = services_.settings().http;
  set_deadline(services_.draining ? http.drain_idle : http.idle_timeout);
  wait_readable();
}

}  // namespace filemint::http
