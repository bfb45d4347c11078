#include "actors/admission.hpp"

#include "actors/exchange.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace filemint::actors {
namespace {

std::int64_t whole_seconds_until(mono_time then, mono_time now) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(then - now).count());
}

}  // namespace

std::optional<admitted> admission::pass(const core_context& core, const authenticated& call,
                                        const quota_admission& how) {
  call->notes.rate = how;
  call->mark(metrics::phase::limit, core.node.now().mono);
  if (call->body != body_state::pending) return admitted{call};
  std::exchange(call->rest_of_body, nullptr)->read_body(admitted{call});
  return std::nullopt;
}

void admission::refuse(const authenticated& call, const quota_refusal& why, mono_time now) {
  call->notes.rate = quota_admission{why.limit, 0, why.next_pass, why.category};
  call->mark(metrics::phase::limit, now);
  call->answer(fail(errc::rate_limit_exceeded, {},
                    {{"category", std::string{name_of(why.category)}},
                     {"retry_after_seconds", whole_seconds_until(why.next_pass, now)}}));
}

void admission::throttle(const authenticated& call, const quota_throttled& why, mono_time now) {
  call->notes.rate = why.window;
  call->mark(metrics::phase::limit, now);
  call->answer(fail(errc::throttled, {},
                    {{"retry_after_seconds", whole_seconds_until(why.next_pass, now)}}));
}

}  // namespace filemint::actors
