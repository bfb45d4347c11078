// What a batch asks of a remote before it can sign: a call a path.
#pragma once

#include "backends/remote_call.hpp"
#include "core/file_path.hpp"
#include "core/result.hpp"

namespace filemint::backends {

// Thread safety: one thread at a time; batch::sign() comes after all of it.
class remote_signing {
public:
  virtual ~remote_signing() = default;

  [[nodiscard]] virtual remote_request ask(file_path path) const = 0;
  // Keeps what was answered for that path. Errors: throttled, service_unavailable.
  [[nodiscard]] virtual result<void> take(file_path path, const remote_answer& answer) = 0;
};

}  // namespace filemint::backends
