#include "actors/supervisor.hpp"

#include "actors/auth.hpp"
#include "actors/cluster_limiter.hpp"
#include "actors/credential_keeper.hpp"
#include "actors/dispatcher.hpp"
#include "actors/front_end.hpp"
#include "actors/limiter.hpp"
#include "actors/minter.hpp"
#include "actors/quota_relay.hpp"
#include "actors/roll_call.hpp"
#include "actors/window_owner.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <string>
#include <utility>

namespace filemint::actors {

supervisor::supervisor(caf::actor_config& cfg, core_context& core, core_entrance& entrance)
    : homed(cfg, core.mailboxes, actor_kind::supervisor),
      core_(core),
      entrance_(entrance),
      minters_(core.node.backends.size()),
      keepers_(core.kept.size()) {}

supervisor::behavior_type supervisor::make_behavior() {
  set_down_handler([this](caf::down_msg& down) { replace(down); });
  set_exit_handler([this](caf::exit_msg& exit) {
    end_the_set();
    quit(std::move(exit.reason));
  });
  complete_the_set();
  return {
      [this](std::size_t core, const window_limiter_actor& limiter) {
        send(owner_, core, window_limiter_peer{limiter});
      },
      [this](std::size_t core, const window_owner_actor& owner) {
        send(window_limiter_, core, owner);
      },
      [this](std::size_t core, std::size_t source, const minter_actor& minter) {
        send(minters_.at(source), core, minter_peer{minter});
      },
      [this](std::size_t core, const cluster_limiter_actor& limiter) {
        if (entrance_.relay) send(entrance_.relay, core, cluster_limiter_peer{limiter});
      },
      [this](const quota_relay_actor& relay) { send(cluster_limiter_, relay); },
      [this](const supervisor_list& list) {
        all_ = list.all;
        introduce();
      },
      [this](introduce_yourselves) { introduce(); },
      [this](const roll_called& roll) {
        if (entrance_.limiter && (core_.asker || owner_)) roll.call->here();
      },
  };
}

void supervisor::on_exit() {
  all_.clear();
  minters_.clear();
  keepers_.clear();
  owner_ = nullptr;
  window_limiter_ = nullptr;
  cluster_limiter_ = nullptr;
}

template <class Actor, class Handle, class... Args>
void supervisor::keep(Handle& handle, Args&&... args) {
  if (handle) return;
  handle = spawn_at<Actor>(system(), core_.home, core_, std::forward<Args>(args)...);
  monitor(handle);
}

template <class Visit>
void supervisor::for_each_actor(Visit visit) {
  visit(entrance_.front_end);
  visit(entrance_.auth);
  visit(window_limiter_);
  visit(owner_);
  visit(cluster_limiter_);
  visit(entrance_.relay);
  visit(entrance_.dispatcher);
  for (auto& minter : minters_) visit(minter);
  for (auto& keeper : keepers_) visit(keeper);
}

void supervisor::complete_the_set() {
  for (std::size_t source = 0; source < minters_.size(); ++source) {
    keep<minter>(minters_[source], source);
  }
  keep<dispatcher>(entrance_.dispatcher);
  if (core_.asker) {
    if (core_.seat) keep<quota_relay>(entrance_.relay);
    keep<cluster_limiter>(cluster_limiter_);
    entrance_.limiter = cluster_limiter_;
  } else {
    keep<window_owner>(owner_);
    keep<limiter>(window_limiter_);
    entrance_.limiter = window_limiter_;
  }
  for (std::size_t i = 0; i < keepers_.size(); ++i) keep<credential_keeper>(keepers_[i], i);
  keep<auth>(entrance_.auth);
  keep<front_end>(entrance_.front_end);

  for (std::size_t source = 0; source < minters_.size(); ++source) {
    send(entrance_.dispatcher, source, minters_[source]);
  }
  send(entrance_.limiter, entrance_.dispatcher);
  send(entrance_.dispatcher, limiter_peer{entrance_.limiter});
  send(entrance_.auth, entrance_.limiter);
  send(entrance_.front_end, entrance_.auth);
}

void supervisor::introduce() {
  for (const auto& each : all_) {
    if (core_.asker) {
      if (entrance_.relay) send(each, entrance_.relay);
      send(each, core_.core, cluster_limiter_);
    } else {
      send(each, core_.core, window_limiter_);
      send(each, core_.core, owner_);
    }
    for (std::size_t source = 0; source < minters_.size(); ++source) {
      send(each, core_.core, source, minters_[source]);
    }
  }
}

void supervisor::replace(const caf::down_msg& down) {
  bool ours = false;
  for_each_actor([&](auto& handle) {
    if (handle && handle.address() == down.source) {
      handle = nullptr;
      ours = true;
    }
  });
  if (!ours) return;
  core_.node.report("an actor of core " + std::to_string(core_.core) +
                    " ended: it is started again");
  core_.counts.count_actor_restart();
  complete_the_set();
  introduce();
  // The new one has to hear of the other cores' actors.
  for (const auto& each : all_) send(each, introduce_yourselves{});
}

void supervisor::end_the_set() {
  for_each_actor([&](auto& handle) {
    if (!handle) return;
    demonitor(handle.address());
    send_exit(handle, caf::exit_reason::user_shutdown);
    handle = nullptr;
  });
  entrance_.limiter = nullptr;
}

}  // namespace filemint::actors
