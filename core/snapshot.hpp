// What a node knows at one moment: who may call, the signing keys of each source, and which tokens
// are revoked. Immutable. A
// request holds the one that its credentials were looked up in until it is answered.
#pragma once

#include "core/directory.hpp"
#include "core/key_ring.hpp"
#include "core/revocations.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace filemint {

struct snapshot {
  directory people;
  std::map<std::string, key_ring, std::less<>> signing;  // by source
  revocations revoked;
  std::uint64_t change = 0;  // the store's change number that this shows
};

using snapshot_ptr = std::shared_ptr<const snapshot>;

}  // namespace filemint
