#include "actors/cluster/peer_v1.hpp"

#include "actors/cluster/peer_changes_v1.hpp"
#include "actors/cluster/peer_quota_v1.hpp"

#include <caf/actor_system_config.hpp>

#include <string>

namespace filemint::actors::peer_v1 {
namespace {

// Not inlined: g++ 12 warns falsely of strings whose text it knows (its bugs 105329, 105651).
[[gnu::noinline]] std::string text_of(const char* name) {
  return name;
}

template <class... Messages>
void add(caf::actor_system_config& settings) {
  (settings.add_message_type<Messages>(text_of(Messages::wire_name)), ...);
}

}  // namespace

void add_types(caf::actor_system_config& settings) {
  add<hello, heartbeat, goodbye, ping, pong>(settings);
  add<quota_beat, quota_goodbye, quota_ask, quota_answer, quota_recall, quota_return,
      quota_return_taken, quota_spent>(settings);
  add<changes_ask, changes_unknown, changes_part>(settings);
}

}  // namespace filemint::actors::peer_v1
