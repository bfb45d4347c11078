#include "actors/front_end.hpp"

#include "actors/guarded.hpp"

namespace filemint::actors {

front_end::behavior_type front_end::make_behavior() {
  return {
      [this](const arrived& call) { guarded(core_, "front_end", [&] { take_on(call); }); },
      [this](const auth_actor& next) { next_ = next; },
  };
}

void front_end::take_on(const arrived& call) {
  const auto now = core_.node.now().mono;
  call->mark(metrics::phase::queue, now);
  auto share = core_.node.load.take(load_kind::in_flight, core_.core, 1);
  if (!share || core_.node.load.nearly_full(load_kind::answer_bytes) ||
      core_.node.refusing.load(std::memory_order_relaxed) || core_.store_is_stale(now)) {
    call->answer(fail(errc::service_unavailable));
    return;
  }
  call->notes.in_flight = std::move(*share);
  send(next_, received{call});
}

}  // namespace filemint::actors
