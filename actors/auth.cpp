#include "actors/auth.hpp"

#include "actors/guarded.hpp"
#include "core/authenticate.hpp"

namespace filemint::actors {

auth::behavior_type auth::make_behavior() {
  return {
      [this](const received& call) { guarded(core_, "auth", [&] { identify(call); }); },
      [this](const limiter_actor& next) { next_ = next; },
  };
}

void auth::identify(const received& call) {
  const auto now = core_.node.now();
  call->known = core_.known;
  auto who =
      authenticate(call->head.authorization, call->known->people, call->head.route, now.wall);
  call->mark(metrics::phase::auth, now.mono);
  if (!who) {
    call->answer(std::unexpected(std::move(who.error())));
    return;
  }
  call->notes.who = *who;
  send(next_, authenticated{call});
}

}  // namespace filemint::actors
