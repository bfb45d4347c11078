// The fourth stage: reads the body, checks the paths and the grants, and picks the backend's
// minter.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace filemint::actors {

class dispatcher final : public homed<dispatcher_actor::base> {
public:
  // A larger body is parsed on another thread: parsing it takes longer than a turn.
  static constexpr std::size_t largest_body_parsed_here = 256 * 1024;
  // The parsers of larger calls that are not answered yet; those of a thousand paths hold about 0.7
  // MiB. A few keep the core busy, more push each other out of its cache.
  static constexpr std::size_t most_parsed_here = 4 * 1024 * 1024;
  static constexpr std::size_t most_parsed_elsewhere = 32 * 1024 * 1024;

  dispatcher(caf::actor_config& cfg, core_context& core)
      : homed(cfg, core.mailboxes, actor_kind::dispatcher),
        core_(core),
        minters_(core.node.backends.size()) {}

protected:
  behavior_type make_behavior() override;
  void on_exit() override {
    here_.waiting.clear();
    elsewhere_.waiting.clear();
    minters_.clear();
    limiter_ = nullptr;
  }

private:
  // Larger calls that wait for room to be parsed in.
  struct line {
    std::shared_ptr<parse_room> room;
    std::deque<admitted> waiting;
  };

  void dispatch(const admitted& call);
  void queue(const admitted& call);
  void take_turns(line& turns);
  [[nodiscard]] bool begin(const admitted& call, line& turns);
  void parse_elsewhere(const admitted& call);
  void validate_parsed(const admitted& call);

  core_context& core_;
  limiter_actor limiter_;
  line here_;
  line elsewhere_;
  std::vector<minter_actor> minters_;  // in the order of the configuration's sources
};

}  // namespace filemint::actors
