// Alone in its file: a binary that defines these itself is linked without it.
#include "actors/cluster/peer_v1.hpp"

namespace filemint::actors::peer_v1 {

const std::uint32_t version = 1;
const std::uint32_t oldest = 1;

}  // namespace filemint::actors::peer_v1
