// The interface of the actor that knows a node's peers, a sentence a message.
#pragma once

#include "actors/cluster/link_terms.hpp"
#include "actors/cluster/peer_changes_v1.hpp"
#include "actors/cluster/peer_quota_v1.hpp"
#include "actors/cluster/peer_v1.hpp"
#include "core/result.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/message.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace filemint::actors {

// `message` goes to that peer's peers actor. A peer that is not up, or not any more when this is
// taken up: `failed` is called at once.
struct peer_send {
  std::string peer;
  caf::message message;
  std::function<void(const error&)> failed = [](const error&) {};
};

// The same for what is answered by number: `make` gives the message for a call's number, and `done`
// is called once, with the answer; or with an error: service_unavailable, at once, when the peer is
// not up or is lost meanwhile; gateway_timeout. On the peers actor's thread.
struct peer_call {
  std::string peer;
  std::chrono::milliseconds timeout{1'000};
  std::function<caf::message(std::uint64_t call)> make;
  std::function<void(result<caf::message>)> done;
};

// Say goodbye to all that are up, and call `done` when they have heard it, or soon.
struct leave_cluster {
  std::function<void()> done = [] {};
};

struct peer_gone {
  std::string peer;
};
struct beat_due {};

using peers_actor = caf::typed_actor<
    // ---- of this node
    // A link stands: greet, or await the greeting.
    caf::reacts_to<link_opened>,
    // It does not any more: its peer is down, what it owes fails.
    caf::reacts_to<link_closed>,
    // DNS does not lead to that peer any more.
    caf::reacts_to<peer_gone>,
    // Send a heartbeat to all, and look who was not heard.
    caf::reacts_to<beat_due>, caf::reacts_to<peer_send>, caf::reacts_to<peer_call>,
    caf::reacts_to<leave_cluster>,
    // ---- of peers: see peer_v1
    caf::reacts_to<peer_v1::hello>, caf::reacts_to<peer_v1::heartbeat>,
    caf::reacts_to<peer_v1::goodbye>, caf::reacts_to<peer_v1::ping>, caf::reacts_to<peer_v1::pong>,
    // ---- of peers, about quotas: see peer_quota_v1
    caf::reacts_to<peer_v1::quota_beat>, caf::reacts_to<peer_v1::quota_goodbye>,
    caf::reacts_to<peer_v1::quota_ask>, caf::reacts_to<peer_v1::quota_answer>,
    caf::reacts_to<peer_v1::quota_recall>, caf::reacts_to<peer_v1::quota_return>,
    caf::reacts_to<peer_v1::quota_return_taken>, caf::reacts_to<peer_v1::quota_spent>,
    // ---- of peers, about the store's changes: see peer_changes_v1
    caf::reacts_to<peer_v1::changes_ask>, caf::reacts_to<peer_v1::changes_unknown>,
    caf::reacts_to<peer_v1::changes_part>>;

}  // namespace filemint::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::link_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::link_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::peer_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::beat_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::peer_send)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::peer_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::leave_cluster)
