// What actors say to each other. All stay in one process: CAF passes them on by reference count.
#pragma once

#include "actors/fetcher.hpp"
#include "actors/stages.hpp"
#include "backends/credentials/renewal.hpp"
#include "core/quota.hpp"
#include "core/result.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace filemint::actors {

class roll_call;  // actors/roll_call.hpp
class mint_job;   // actors/mint_job.hpp
using mint_job_ptr = std::shared_ptr<mint_job>;

// A limiter asks the owner of a company's window for one call, or ahead of need for a lease.
struct quota_ask {
  quota_holder from = 0;
  std::uint32_t company = 0;
  std::uint64_t limit = 0;
  bool ahead = false;  // nobody waits: a lease or no answer
  caf::actor_id asker = 0;
  // One call, never a lease: there is more to pass than the calls of its company.
  std::optional<call_terms> terms = {};
  std::uint64_t call = 0;  // with terms: the asker's number for it
};
struct quota_reply {
  std::uint32_t company = 0;
  bool ahead = false;  // as asked
  quota_answer answer;
  std::uint64_t call = 0;  // as asked
};
struct lease_recalled {
  std::uint32_t company = 0;
  lease_id id = 0;
};
struct lease_settled {
  quota_holder from = 0;
  std::uint32_t company = 0;
  quota_settlement back;
};
// All that a limiter holds of windows that one core owns.
struct leases_held {
  struct lease {
    std::uint32_t company = 0;
    lease_id id = 0;
  };
  quota_holder from = 0;
  std::vector<lease> leases;
};
// A call of a company whose tokens are counted wants so many.
struct paths_spent {
  std::uint32_t company = 0;
  std::uint64_t paths = 0;
};
// One call of a key that no window counts: tell when it passes, or nothing if it does now.
struct throttle_ask {
  std::uint32_t company = 0;
  call_terms terms;
  std::function<void(std::optional<mono_time>)> done;  // any thread
};
// Leases end, parked calls have waited long enough, windows are empty: time to look.
struct quota_tick {};

// A large body was parsed on another thread.
struct body_parsed {
  admitted call;
};

// Calls that were parsed before have been answered: others may have their turn.
struct parse_room_freed {};

// The prober has looked for the files of that job.
struct files_probed {
  mint_job_ptr job;
  result<std::vector<std::size_t>> missing;
};
// A remote has signed for that job.
struct remotely_signed {
  mint_job_ptr job;
  result<void> done;
};
// The next chunk of the job that is first in line.
struct sign_next {};
// A chunk of another core's job: tell the sender when it is signed.
struct sign_chunk {
  mint_job_ptr job;
  std::size_t chunk = 0;
};
struct chunk_signed {
  mint_job_ptr job;
  std::size_t by = 0;  // the core that did it
};

// Time to look whether credentials are to be renewed.
struct credential_tick {
  std::uint64_t number = 0;
};
// The first request of a renewal was made.
struct renewal_begun {
  std::shared_ptr<backends::renewal> of;
  std::shared_ptr<result<backends::remote_request>> first;
};
// It was answered.
struct renewal_answered {
  std::shared_ptr<backends::renewal> of;
  std::string whom;  // was asked
  std::shared_ptr<fetch_outcome> outcome;
};

// Between supervisors: an actor was started anew and has to hear of the others.
struct introduce_yourselves {};

// Say that you are there.
struct roll_called {
  std::shared_ptr<roll_call> call;
};

}  // namespace filemint::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::arrived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::authenticated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::admitted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::validated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::quota_ask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::quota_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::lease_recalled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::lease_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::leases_held)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::paths_spent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::throttle_ask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::quota_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::body_parsed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::parse_room_freed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::files_probed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::remotely_signed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::sign_next)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::sign_chunk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::chunk_signed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::credential_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::renewal_begun)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::renewal_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::introduce_yourselves)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(filemint::actors::roll_called)
