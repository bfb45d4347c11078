// Which filemint this is. Given when the binary is linked, as the version of what nodes speak
// (actors/cluster/peer_v1.hpp).
#pragma once

#include <string_view>

namespace filemint {

extern const std::string_view this_release;  // as in 1.2.3

}  // namespace filemint
