// Actors that stand in for the next stage and keep what comes to them.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace filemint::actors::testing {

class recording_auth final : public auth_actor::base {
public:
  using base = auth_actor::base;
  recording_auth(caf::actor_config& cfg, std::vector<received>& seen) : base(cfg), seen_(seen) {}

protected:
  behavior_type make_behavior() override {
    return {[this](const received& call) { seen_.push_back(call); }, [](const limiter_actor&) {}};
  }

private:
  std::vector<received>& seen_;
};

class recording_limiter final : public limiter_actor::base {
public:
  using base = limiter_actor::base;
  recording_limiter(caf::actor_config& cfg, std::vector<authenticated>& seen)
      : base(cfg), seen_(seen) {}

protected:
  behavior_type make_behavior() override {
    return {[this](const authenticated& call) { seen_.push_back(call); }, [](const paths_spent&) {},
            [](const throttle_ask&) {}, [](const quota_tick&) {}, [](const dispatcher_actor&) {}};
  }

private:
  std::vector<authenticated>& seen_;
};

// What limiters say to an owner. With a real one behind it, it hands all on.
struct quota_traffic {
  std::vector<quota_ask> asks;
  std::vector<lease_settled> settled;
  std::vector<leases_held> held;
  std::vector<paths_spent> spent;
  std::optional<quota_holder> late;  // its settlements are not handed on
};
class recording_owner final : public window_owner_actor::base {
public:
  using base = window_owner_actor::base;
  recording_owner(caf::actor_config& cfg, quota_traffic& seen, window_owner_actor behind)
      : base(cfg), seen_(seen), behind_(std::move(behind)) {}

protected:
  behavior_type make_behavior() override {
    return {[this](const quota_ask& ask) {
              seen_.asks.push_back(ask);
              if (behind_) send(behind_, ask);
            },
            [this](const lease_settled& settled) {
              seen_.settled.push_back(settled);
              if (behind_ && seen_.late != settled.from) send(behind_, settled);
            },
            [this](const leases_held& held) {
              seen_.held.push_back(held);
              if (behind_) send(behind_, held);
            },
            [this](const paths_spent& spent) {
              seen_.spent.push_back(spent);
              if (behind_) send(behind_, spent);
            },
            [this](const throttle_ask& ask) {
              if (behind_) send(behind_, ask);
            },
            [](const quota_tick&) {},
            [](std::size_t, const window_limiter_peer&) {}};
  }
  void on_exit() override { behind_ = nullptr; }

private:
  quota_traffic& seen_;
  window_owner_actor behind_;
};

class recording_dispatcher final : public dispatcher_actor::base {
public:
  using base = dispatcher_actor::base;
  recording_dispatcher(caf::actor_config& cfg, std::vector<admitted>& seen)
      : base(cfg), seen_(seen) {}

protected:
  behavior_type make_behavior() override {
    return {[this](const admitted& call) { seen_.push_back(call); }, [](const body_parsed&) {},
            [](const parse_room_freed&) {}, [](std::size_t, const minter_actor&) {},
            [](const limiter_peer&) {}};
  }

private:
  std::vector<admitted>& seen_;
};

struct minter_traffic {
  std::vector<validated> calls;
  std::vector<sign_chunk> chunks;
};
class recording_minter final : public minter_actor::base {
public:
  using base = minter_actor::base;
  recording_minter(caf::actor_config& cfg, minter_traffic& seen) : base(cfg), seen_(seen) {}

protected:
  behavior_type make_behavior() override {
    return {[this](const validated& call) { seen_.calls.push_back(call); },
            [](const files_probed&) {},
            [](const remotely_signed&) {},
            [](const sign_next&) {},
            [this](const sign_chunk& chunk) { seen_.chunks.push_back(chunk); },
            [](const chunk_signed&) {},
            [](std::size_t, const minter_peer&) {}};
  }

private:
  minter_traffic& seen_;
};

}  // namespace filemint::actors::testing
