#include "actors/ask_throttle.hpp"

#include "core/caller_limits.hpp"

#include <caf/send.hpp>

#include <string>
#include <utility>

namespace filemint::actors {

void ask_throttle(const core_context& core, const core_entrance& entrance, const principal& who,
                  std::function<void(std::optional<mono_time>)> done) {
  const auto throttle = throttle_of(who, core.settings->mint);
  if (!throttle.any()) return done(std::nullopt);
  caf::anon_send(entrance.limiter, throttle_ask{who.caller->index,
                                                {std::string{who.key->id_view()}, throttle},
                                                std::move(done)});
}

}  // namespace filemint::actors
