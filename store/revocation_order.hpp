// Which tokens to end, as an operator asks for it.
#pragma once

#include "core/clock.hpp"
#include "core/revocations.hpp"

#include <chrono>
#include <string>

namespace filemint::store {

// Those that were issued up to `at` and the skew; the same asked again reaches further.
struct revocation_order {
  revocation_kind kind = revocation_kind::jti;
  std::string source = {};  // path, prefix: on this source; otherwise empty
  std::string value;        // prefix: as a grant's
  wall_time at{};
  std::chrono::seconds skew{};  // by how much another node's clock may be ahead of `at`
};

}  // namespace filemint::store
