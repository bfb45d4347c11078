// What is asked of peers by number, and the last that is told them.
#include "actors/cluster/peers.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace filemint::actors {
namespace {

constexpr std::chrono::milliseconds last_words{500};

}  // namespace

void peers::start(peer_call& asked) {
  const auto to = up(asked.peer);
  if (!to) return asked.done(fail(errc::service_unavailable, asked.peer + " is not up"));
  const auto number = ++last_call_;
  calls_[number] = {std::move(asked.peer), terms_.now() + asked.timeout, std::move(asked.done)};
  pass(to, asked.make(number));
}

void peers::settle(std::uint64_t number, caf::message answer) {
  auto found = calls_.extract(number);
  if (found) found.mapped().done(std::move(answer));
}

void peers::fail_calls(std::string_view peer) {
  std::vector<call> failed;
  std::erase_if(calls_, [&](auto& each) {
    if (each.second.peer != peer) return false;
    failed.push_back(std::move(each.second));
    return true;
  });
  for (auto& each : failed) each.done(fail(errc::service_unavailable, each.peer + " is down"));
}

void peers::end_late_calls(mono_time now) {
  std::vector<call> late;
  std::erase_if(calls_, [&](auto& each) {
    if (each.second.until > now) return false;
    late.push_back(std::move(each.second));
    return true;
  });
  for (auto& each : late) {
    each.done(fail(errc::gateway_timeout, each.peer + " has not answered in time"));
  }
}

void peers::leave(const leave_cluster& asked) {
  // Who answers the ping has heard the goodbye before it. The last one to go calls.
  const std::shared_ptr<void> all{nullptr, [done = asked.done](void*) { done(); }};
  for (const auto& each : table_.all()) {
    const auto to = up(each.name);
    if (!to) continue;
    pass(to, peer_v1::goodbye{terms_.name, terms_.incarnation});
    peer_call heard{.peer = each.name,
                    .timeout = last_words,
                    .make = [](std::uint64_t n) { return caf::make_message(peer_v1::ping{n}); },
                    .done = [all](const result<caf::message>&) {}};
    start(heard);
  }
}

void peers::tell_changes(const peer_v1::changes_ask& asked) {
  const auto* at = sender();
  if (at == nullptr) return;
  const auto part = terms_.tell_changes(at->peer, from_wire(asked));
  if (part) return pass(at->handle, peer_v1::to_wire(asked.call, *part));
  pass(at->handle, peer_v1::changes_unknown{asked.call});
}

}  // namespace filemint::actors
