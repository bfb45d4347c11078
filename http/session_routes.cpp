// From a request's head to its route, and from a minting call's outcome to its answer.
#include "actors/ask_throttle.hpp"
#include "http/cors.hpp"
#include "http/rate_fields.hpp"
#include "http/routes/docs.hpp"
#include "http/routes/files.hpp"
#include "http/routes/health.hpp"
#include "http/routes/jwks.hpp"
#include "http/routes/verify.hpp"
#include "http/session.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <utility>

namespace filemint::http {

namespace asio = boost::asio;

void session::begin_request(const request& head) {
  state_ = state::answering;
  if (port_.kind == port_kind::client) {
    counted_ = true;
    services_.core.counts.request_begins();
  }
  used_ = head.head_size;
  intake_ = body_intake{head};
  method_ = head.method;
  minor_version_ = head.minor_version;
  keep_alive_ = head.keep_alive;
  client_waits_ = head.expect_continue && head.has_body();
  route_ = {.where = endpoint::mint, .name = "other", .scope = 0, .rest = {}};
  dropped_ = 0;
  note_client(head);
  if (port_.kind == port_kind::client) cors_ = cors_fields(head, services_.settings().cors);
  if (head.request_id.empty()) {
    const auto made = services_.next_request_id();
    id_.assign(made.data(), made.size());
  } else {
    id_ = head.request_id;
  }
}

void session::note_client(const request& head) {
  client_.clear();
  const auto& http = services_.settings().http;
  if (http.trusted_proxies.empty() || !is_trusted(peer_, http)) return;
  if (const auto told = forwarded_client(head, http)) client_ = told->text();
}

void session::dispatch(const request& head, std::string_view received) {
  const auto found = find_route(head, port_.kind);
  if (!found) {
    auto r = refuse_route(head, found.error());
    keep(received);
    return answer(std::move(r));
  }
  route_ = *found;
  if (route_.where == endpoint::mint) return mint(head, received);
  keep(received);
  switch (route_.where) {
    case endpoint::files:
      return serve([&](respond done) {
        serve_file(head, services_.view(), services_.files, std::move(done));
      });
    case endpoint::verify:
      return serve([&](respond done) { done(verify(head, services_.view(), port_.verify)); });
    case endpoint::openapi:
      return serve([&](respond done) { done(serve_docs("openapi.yaml", head)); });
    case endpoint::docs:
      return serve([&](respond done) { done(serve_docs(route_.rest, head)); });
    case endpoint::jwks:
      return serve([&](respond done) { done(serve_jwks(services_.view())); });
    case endpoint::health:
      return serve([&](respond done) {
        serve_health(
            head, services_.view(),
            [&](const principal& who, auto told) {
              actors::ask_throttle(services_.core, services_.entrance, who, std::move(told));
            },
            services_.health, std::move(done));
      });
    default:
      return answer(serve_admin(route_.where, head, services_.admin));
  }
}

reply session::refuse_route(const request& head, const route_refusal& why) {
  route_.name = why.name;
  if (port_.kind == port_kind::client && !why.allow.empty()) {
    if (auto granted = answer_preflight(head, why.allow, services_.settings().cors)) {
      return *std::move(granted);
    }
  }
  auto r = error_reply(error{why.code});
  if (!why.allow.empty()) r.fields.append("Allow: ").append(why.allow).append("\r\n");
  return r;
}

void session::mint(const request& head, std::string_view received) {
  const auto rest = received.substr(used_);
  auto& node = services_.core.node;
  auto room = node.load.take(actors::load_kind::body_bytes, services_.core.core,
                             actors::memory_of_body(rest.size()));
  if (!room) {
    used_ += intake_.feed(rest, [](std::string_view) {}).consumed;
    keep(received);
    return answer(error_reply(error{errc::service_unavailable}));
  }
  auto call = std::make_shared<actors::exchange>(shared_from_this(), actors::take_workspace());
  call->body_bytes = std::move(*room);
  call->start_clock(began_);
  call->head.route = route_.scope;
  if (head.authorization) call->head.authorization.emplace(*head.authorization);
  if (head.content_type) call->head.content_type = *head.content_type;
  call->head.content_encoded = head.content_encoded;

  largest_body_ = services_.settings().http.max_body_bytes;
  if (intake_.left().value_or(0) > largest_body_) {
    keep(received);
    call->body = actors::body_state::over_limit;
  } else {
    auto& body = call->work->body;
    const auto step = intake_.feed(rest, [&](std::string_view piece) { body.append(piece); });
    used_ += step.consumed;
    keep(received);
    if (step.verdict == intake_verdict::bad) {
      intake_ = {};
      return call->answer(fail(errc::bad_request));
    }
    if (step.verdict == intake_verdict::need_more) {
      call->body = body.size() > largest_body_ ? actors::body_state::over_limit
                                               : actors::body_state::pending;
      call->rest_of_body = shared_from_this();
    } else {
      client_waits_ = false;
      if (body.size() > largest_body_) call->body = actors::body_state::over_limit;
    }
  }
  if (call->body == actors::body_state::over_limit) keep_alive_ = false;
  pending_ = call;
  minting_ = true;
  set_deadline(services_.settings().http.request_deadline);
  caf::anon_send(services_.entrance.front_end, actors::arrived{std::move(call)});
}

// A route that needs no minting: within what the node takes on, its answer from any thread.
void session::serve(std::move_only_function<void(respond)> work) {
  auto& node = services_.core.node;
  auto share = node.load.take(actors::load_kind::in_flight, services_.core.core, 1);
  if (!share) return answer(error_reply(error{errc::service_unavailable}));
  trail_.in_flight = std::move(*share);
  set_deadline(services_.settings().http.request_deadline);
  work([self = shared_from_this(), no = request_no_](reply r) {
    if (actors::worker::current() == self->services_.core.home) {
      if (self->request_no_ == no) self->answer(std::move(r));
      return;
    }
    asio::post(self->services_.io, [self, no, r = std::move(r)]() mutable {
      if (self->request_no_ == no) self->answer(std::move(r));
    });
  });
}

void session::deliver(actors::outcome result, actors::trail of_call) noexcept {
  if (actors::worker::current() == services_.core.home) {
    return take_outcome(std::move(result), std::move(of_call));
  }
  asio::post(services_.io, [self = shared_from_this(), result = std::move(result),
                            of_call = std::move(of_call)]() mutable {
    self->take_outcome(std::move(result), std::move(of_call));
  });
}

void session::take_outcome(actors::outcome result, actors::trail of_call) {
  if (state_ == state::closed) return;
  trail_ = std::move(of_call);
  reply r;
  if (result) {
    r.fields = "Cache-Control: no-store\r\n";
    r.body = byte_buffer{std::move(result->data), result->size};
  } else {
    r = error_reply(result.error());
  }
  if (trail_.rate) append_rate_fields(r.fields, *trail_.rate, services_.core.node.now());
  answer(std::move(r));
}

}  // namespace filemint::http
