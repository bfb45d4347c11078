// CAF's distribution (BASP) over links: what opens and connects takes streams that link made, so
// that CAF opens no port and looks up no name.
#pragma once

#include "actors/cluster/streams.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman_actor.hpp>

#include <cstdint>
#include <memory>

namespace filemint::actors::basp_bridge {

// The one "port" of a node: an actor that is published there is who peers find.
inline constexpr std::uint16_t port = 1;

// Before the system is made. CAF's own heartbeats and name look-ups stay off.
void load_into(caf::actor_system_config& settings);

// It takes CAF's requests: publish at `port`, and connect to a key that streams::offer gave. It
// ends with anon_send_exit and exit_reason::kill, which has to come before the system does.
[[nodiscard]] caf::io::middleman_actor spawn(caf::actor_system& system,
                                             std::shared_ptr<streams> between);

}  // namespace filemint::actors::basp_bridge
