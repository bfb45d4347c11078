#include "actors/quota_relay.hpp"

#include "actors/guarded.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

namespace filemint::actors {
namespace {

// Of mail for an asker: which of the node's.
std::size_t core_of(const peer_message& mail) {
  return std::visit(
      [](const auto& what) -> std::size_t {
        if constexpr (requires { what.core; }) return what.core;
        return 0;
      },
      mail);
}

}  // namespace

quota_relay::behavior_type quota_relay::make_behavior() {
  if (seat_.taken) delayed_send(this, quota_hub::tick_interval, quota_tick{});
  const auto work = [this](auto what) {
    guarded(core_, "quota_relay", [&] {
      if (!seat_.taken) return;
      const auto now = core_.node.now();
      what(now);
      deliver(now);
    });
  };
  return {
      [this, work](letters_posted& posted) {
        work([&](const instant& now) {
          for (auto& letter : posted.letters) seat_.hub.post(now, std::move(letter));
        });
      },
      [this, work](const peer_wrote& letter) {
        work([&](const instant& now) { seat_.hub.receive(now, letter.what); });
      },
      [this](const members_told& told) {
        guarded(core_, "quota_relay", [&] { begin(told.names); });
      },
      [this, work](const leave_quotas& asked) {
        if (!seat_.taken) return asked.done();
        left_ = asked.done;
        work([this](const instant&) { seat_.hub.leave(); });
      },
      [work, this](const end_quotas& asked) {
        work([this](const instant&) { seat_.hub.say_goodbye(); });
        asked.done();
      },
      [this](const quota_tick&) { guarded(core_, "quota_relay", [&] { tick(); }); },
      [this](std::size_t core, const cluster_limiter_peer& peer) {
        auto& known = limiters_.at(core);
        if (std::exchange(known, peer.handle) != peer.handle && told_) {
          send(known, routes_changed{told_});
        }
      },
  };
}

void quota_relay::on_exit() {
  limiters_.clear();
  left_ = nullptr;
}

void quota_relay::begin(const std::vector<std::string>& members) {
  seat_.hub.set_members(core_.node.now().mono, members);
  if (!std::exchange(seat_.taken, true)) tick();
}

void quota_relay::tick() {
  delayed_send(this, quota_hub::tick_interval, quota_tick{});
  const auto now = core_.node.now();
  seat_.hub.store_was_read(std::min(core_.node.store_read(), now.mono));
  seat_.hub.tick(now);
  if (left_ && seat_.hub.left(now.mono)) std::exchange(left_, nullptr)();
  deliver(now);
}

void quota_relay::deliver(const instant& now) {
  for (auto& letter : seat_.hub.take_letters()) seat_.send(std::move(letter));
  std::vector<std::vector<peer_message>> mail(limiters_.size());
  for (auto& each : seat_.hub.take_mail()) {
    // Another node names the core: one that is not there is nobody's.
    if (const auto core = core_of(each); core < mail.size()) mail[core].push_back(std::move(each));
  }
  for (std::size_t core = 0; core < mail.size(); ++core) {
    if (!mail[core].empty()) send(limiters_[core], mail_delivered{std::move(mail[core])});
  }
  if (const auto& routes = seat_.hub.routes(now.mono); routes != told_) {
    told_ = routes;
    seat_.routed = !routes->candidates.names().empty();
    for (const auto& each : limiters_) {
      if (each) send(each, routes_changed{routes});
    }
  }
}

}  // namespace filemint::actors
