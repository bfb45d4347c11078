// The interface of every actor on a call's way, a sentence per message. A core has one of each (a
// minter per backend), and a request stays on its core: session → front_end → auth → limiter →
// dispatcher → minter → session, one-way.
#pragma once

#include "actors/cluster_messages.hpp"
#include "actors/messages.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <vector>

namespace filemint::actors {

struct minter_peer;  // a handle can't stand in its own interface
struct limiter_peer;
struct window_limiter_peer;
struct cluster_limiter_peer;
struct supervisor_list;

using minter_actor = caf::typed_actor<
    // Mint a token for each path of the call and answer it.
    caf::reacts_to<validated>,
    // A job's files were looked for, or a remote has signed for it: go on, or answer why not.
    caf::reacts_to<files_probed>, caf::reacts_to<remotely_signed>,
    // Sign one chunk of the job that is first in line.
    caf::reacts_to<sign_next>,
    // Sign a chunk of another core's job, and tell that core.
    caf::reacts_to<sign_chunk>,
    // Another core has signed a chunk of a job of ours.
    caf::reacts_to<chunk_signed>,
    // That backend's minter on the n-th core is this one from now on.
    caf::reacts_to<std::size_t, minter_peer>>;

struct minter_peer {
  minter_actor handle;
};

using dispatcher_actor = caf::typed_actor<
    // Check the call's body, paths and grants, and hand it to its source's minter.
    caf::reacts_to<admitted>,
    // A large body was parsed on another thread: go on with it.
    caf::reacts_to<body_parsed>,
    // Go on with those that wait to be parsed.
    caf::reacts_to<parse_room_freed>,
    // The minter of the n-th source is this one from now on.
    caf::reacts_to<std::size_t, minter_actor>,
    // The limiter is this one from now on: it is told of paths.
    caf::reacts_to<limiter_peer>>;

using window_owner_actor = caf::typed_actor<
    // A limiter wants to admit a call, or a lease ahead of need.
    caf::reacts_to<quota_ask>,
    // A lease comes back.
    caf::reacts_to<lease_settled>,
    // A limiter has heard of this owner: what it does not hold, an owner before was to get back.
    caf::reacts_to<leases_held>,
    // Count these tokens in their company's window.
    caf::reacts_to<paths_spent>,
    // Let a call of a throttled key pass or not.
    caf::reacts_to<throttle_ask>,
    // Ask again for those who wait, and forget windows that are empty.
    caf::reacts_to<quota_tick>,
    // The n-th core's limiter is this one from now on; what the one before held counts as used.
    caf::reacts_to<std::size_t, window_limiter_peer>>;

// In a cluster, one a node: its part in what nodes share of the windows.
using quota_relay_actor = caf::typed_actor<
    // A limiter of this node writes to owners, or another node does.
    caf::reacts_to<letters_posted>, caf::reacts_to<peer_wrote>,
    // Who is of the cluster. Nothing is shared before the first time.
    caf::reacts_to<members_told>,
    // This node ends by intent.
    caf::reacts_to<leave_quotas>, caf::reacts_to<end_quotas>,
    // Tell the peers what was given, and look who is gone.
    caf::reacts_to<quota_tick>,
    // The limiter of the n-th core is this one from now on.
    caf::reacts_to<std::size_t, cluster_limiter_peer>>;

// What all limiters are told.
using limiter_actor = caf::typed_actor<
    // Admit the call within its company's window, or refuse it.
    caf::reacts_to<authenticated>,
    // A call's paths are known: tell the owner.
    caf::reacts_to<paths_spent>,
    // A call that no window counts asks for its key's throttle: ask the owner.
    caf::reacts_to<throttle_ask>,
    // Give back the leases whose time is over.
    caf::reacts_to<quota_tick>,
    // The next stage is this one from now on.
    caf::reacts_to<dispatcher_actor>>;

// Those of a node by itself, whose cores own the windows.
using window_limiter_actor = limiter_actor::extend<
    // The window's owner has answered the oldest ask for that company.
    caf::reacts_to<quota_reply>,
    // The owner wants a lease back now.
    caf::reacts_to<lease_recalled>,
    // The n-th core's owner is this one from now on: tell it what is held, ask it again.
    caf::reacts_to<std::size_t, window_owner_actor>>;

// Those of a node of a cluster.
using cluster_limiter_actor = limiter_actor::extend<
    // An owner has answered, or wants something back.
    caf::reacts_to<mail_delivered>,
    // Owners have changed.
    caf::reacts_to<routes_changed>,
    // The way to owners is this one from now on.
    caf::reacts_to<quota_relay_actor>>;

struct limiter_peer {
  limiter_actor handle;
};
struct window_limiter_peer {
  window_limiter_actor handle;
};
struct cluster_limiter_peer {
  cluster_limiter_actor handle;
};

using auth_actor = caf::typed_actor<
    // Find the caller, or answer 401, 403 or 404.
    caf::reacts_to<received>,
    // The next stage is this one from now on.
    caf::reacts_to<limiter_actor>>;

using front_end_actor = caf::typed_actor<
    // Take the call on, or answer 503 when the node has enough.
    caf::reacts_to<arrived>,
    // The next stage is this one from now on.
    caf::reacts_to<auth_actor>>;

using supervisor_actor = caf::typed_actor<
    // The n-th core's limiter, owner or minter of the m-th source is this one from now on.
    caf::reacts_to<std::size_t, window_limiter_actor>,
    caf::reacts_to<std::size_t, window_owner_actor>,
    caf::reacts_to<std::size_t, std::size_t, minter_actor>,
    // In a cluster: the n-th core's limiter, and the node's relay.
    caf::reacts_to<std::size_t, cluster_limiter_actor>, caf::reacts_to<quota_relay_actor>,
    // These are the supervisors of all cores: introduce your actors to theirs.
    caf::reacts_to<supervisor_list>,
    // A core has a new actor: introduce yours to it.
    caf::reacts_to<introduce_yourselves>,
    // Say that you are there if your limiter and window owner are.
    caf::reacts_to<roll_called>>;

struct supervisor_list {
  std::vector<supervisor_actor> all;
};

}  // namespace filemint::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::minter_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::limiter_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::window_limiter_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::cluster_limiter_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::supervisor_list)
