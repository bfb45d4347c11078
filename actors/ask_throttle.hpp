// For a route that mints nothing: one call of its key's throttle, from the same bucket and the same
// count of the day as the minting calls.
#pragma once

#include "actors/core_context.hpp"
#include "actors/supervisor.hpp"
#include "core/authenticate.hpp"

#include <functional>
#include <optional>

namespace filemint::actors {

// `done` is told, here and now where nothing is throttled, else on any thread: nothing, the call
// passes; or when the next one does. It is dropped untold if the owner ends meanwhile. Call it on
// the core's own thread, while the snapshot of `who` is held.
void ask_throttle(const core_context& core, const core_entrance& entrance, const principal& who,
                  std::function<void(std::optional<mono_time>)> done);

}  // namespace filemint::actors
