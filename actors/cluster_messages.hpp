// What a node's limiters and its relay say to each other in a cluster. All stays in one process;
// what goes to other nodes is actors/cluster's.
#pragma once

#include "core/cluster/peer_messages.hpp"
#include "core/cluster/quota_routes.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace filemint::actors {

// What a core's limiter has to say to those who own its calls' companies, on whatever
// node they are.
struct letters_posted {
  std::vector<peer_letter> letters;
};
// For a core's limiter, of them.
struct mail_delivered {
  std::vector<peer_message> mail;
};
// Another node said so.
struct peer_wrote {
  peer_message what;
};
// Owners have changed. Never null.
struct routes_changed {
  std::shared_ptr<const quota_routes> routes;
};
// These are all nodes of the cluster.
struct members_told {
  std::vector<std::string> names;
};
// This node ends by intent: hand over what it owns, and call `done`, on any thread, when nothing is
// left. Until then, and after, its calls are answered by others.
struct leave_quotas {
  std::function<void()> done;
};
// It does so now: it has no calls any more. `done` is called once the others' letters are on their
// way.
struct end_quotas {
  std::function<void()> done;
};

}  // namespace filemint::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::letters_posted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::mail_delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::peer_wrote)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::routes_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::members_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::leave_quotas)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::end_quotas)
