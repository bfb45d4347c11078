// One go at credentials that a cloud gives out and that end: requests in turn, and at the end the
// backend that signs by what came. The asking itself is actors/credential_keeper's.
#pragma once

#include "backends/backend.hpp"
#include "backends/remote_call.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <memory>
#include <variant>

namespace filemint::backends {

struct renewed {
  std::shared_ptr<const backend> by;
  wall_time ends;        // by this node's clock; nothing begins to be signed from then on
  wall_time tokens_end;  // what was signed, at the latest
};

// A further request, or the end.
using renewal_step = std::variant<remote_request, renewed>;

// Thread safety: one thread at a time. Errors are service_unavailable, each a sentence that tells
// who answered what, and nothing that was asked or came.
class renewal {
public:
  virtual ~renewal() = default;

  // The first request. It may read a small file or two, so not on an io thread. Once, first.
  [[nodiscard]] virtual result<remote_request> begin(wall_time now) = 0;
  // Takes the answer to the last request. Its body may be written over.
  [[nodiscard]] virtual result<renewal_step> take(remote_answer& answer, wall_time now) = 0;
};

}  // namespace filemint::backends
