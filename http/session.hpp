// One client connection: reads requests in order, hands each to its route, writes each answer
// before it reads on. A minting call leaves through the core's front-end actor and comes back as an
// outcome.
#pragma once

#include "actors/exchange.hpp"
#include "actors/stages.hpp"
#include "core/clock.hpp"
#include "http/body_intake.hpp"
#include "http/client_address.hpp"
#include "http/core_services.hpp"
#include "http/framing.hpp"
#include "http/port.hpp"
#include "http/reply.hpp"
#include "http/router.hpp"
#include "http/transport.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

// Lives as long as an operation of its or an exchange needs it. All members belong to its core's
// thread, but deliver and read_body, which any thread may call.
class session final : public std::enable_shared_from_this<session>,
                      public actors::reply_target,
                      public actors::body_source,
                      public session_hook,
                      public timed {
public:
  // With an SSL: TLS. `port` must outlive it. `on_close` runs once, when the connection is gone.
  session(core_services& services, ready_socket::pointer socket, ssl_ptr ssl, const port& port,
          const peer_address& peer, std::move_only_function<void()> on_close);
  ~session() override { close(); }

  void start();
  // The node drains: an idle connection ends after that much silence, a busy one after its answer.
  void drain(std::chrono::milliseconds idle);
  // The drain is over: what is not answered yet is 503.
  void refuse();
  void close() noexcept;

  void deliver(actors::outcome result, actors::trail of_call) noexcept override;
  void read_body(actors::admitted call) override;

private:
  enum class state : std::uint8_t {
    handshake,
    idle,
    head,
    body,
    answering,
    writing,
    discarding,
    lingering,
    closed
  };

  static constexpr std::chrono::seconds write_check_interval{10};

  // ---- requests in (session.cpp)
  void shake_hands();
  void wait_readable();
  void on_readable();
  [[nodiscard]] std::optional<std::size_t> receive();
  void process(std::string_view received);
  void keep(std::string_view received);
  void next_request();
  void set_deadline(std::chrono::milliseconds in);
  void on_deadline() override;
  void give_up(errc why);

  // ---- bodies (session_body.cpp)
  void take_body(std::string_view bytes);
  void begin_reading_body();
  void finish_body();
  void append_body(std::string_view bytes);
  [[nodiscard]] bool body_too_slow(mono_time now) const noexcept;
  [[nodiscard]] bool rest_can_be_dropped() const noexcept;
  void discard(std::string_view bytes);
  void linger();
  void linger_on(std::size_t received);

  // ---- routes (session_routes.cpp)
  void begin_request(const request& head);
  void note_client(const request& head);
  void dispatch(const request& head, std::string_view received);
  [[nodiscard]] reply refuse_route(const request& head, const route_refusal& why);
  void mint(const request& head, std::string_view received);
  void serve(std::move_only_function<void(respond)> work);
  void take_outcome(actors::outcome result, actors::trail of_call);

  // ---- answers out (session_write.cpp)
  void answer(reply r);
  [[nodiscard]] bool take_room_for_block();
  void write_some();
  void read_file_block();
  void send_file_block(result<std::string> block);
  void finish_answer();
  void record();
  void count_end() noexcept;
  void renew_write_deadline();
  [[nodiscard]] std::int64_t taken_by_client();
  // What lies in the system's buffers goes too: it would stay there as long as the client likes.
  void reset() noexcept;

  core_services& services_;
  transport transport_;
  const port& port_;
  state state_ = state::idle;
  bool keep_alive_ = true;
  std::move_only_function<void()> on_close_;
  peer_address peer_;
  std::string address_;  // the peer's

  // ---- the current request
  std::string in_;        // received and kept: the head first, if that is not complete
  std::size_t used_ = 0;  // of in_, by this request
  framing framing_;
  body_intake intake_;
  route route_{};
  std::string id_;
  std::string client_;    // as a trusted proxy told it; empty: the peer itself
  bool counted_ = false;  // as in flight
  verb method_ = verb::other;
  unsigned minor_version_ = 1;
  bool client_waits_ = false;     // for 100 (Continue)
  mono_time began_{};             // its first byte
  std::uint32_t request_no_ = 0;  // an answer to an earlier one comes too late

  // ---- its body, while that is read or dropped
  std::optional<actors::admitted> call_;
  mono_time body_began_{};
  std::size_t body_received_ = 0;
  std::size_t largest_body_ = 0;  // that is taken, as of its head
  std::size_t dropped_ = 0;

  // ---- its answer
  std::weak_ptr<actors::exchange> pending_;  // for the deadline
  bool minting_ = false;  // an outcome comes, of that exchange, and nothing else answers
  actors::trail trail_;
  reply reply_;
  std::string cors_;       // the answer's fields for pages of other origins
  std::string out_;        // the head; a file's current block after it
  std::string block_;      // a file's, that is being sent
  std::string_view rest_;  // of the body in memory, not yet sent
  std::size_t out_sent_ = 0;
  std::uint64_t written_ = 0;
  std::optional<std::int64_t> checkpoint_;  // of what the client took, when the deadline was set
  mono_time answered_{};
};

}  // namespace filemint::http
