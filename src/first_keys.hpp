// A source's first signing key is made at the node's first start.
#pragma once

#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "core/result.hpp"
#include "core/sealed_key.hpp"
#include "store/store.hpp"

namespace filemint {

// For each source of the configuration that has no key yet. Errors: wrong_key (`master` does not
// open one that is there, and none was made), the store's.
[[nodiscard]] result<void> make_first_keys(store::store& kept, const config& settings,
                                           const master_key& master, wall_time at);

}  // namespace filemint
