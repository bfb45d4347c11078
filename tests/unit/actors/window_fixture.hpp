// One company's window on two cores: limiters, and the owner that they share.
#pragma once

#include "actors/auth.hpp"
#include "actors/front_end.hpp"
#include "actors/limiter.hpp"
#include "actors/window_owner.hpp"
#include "tests/unit/actors/fixture.hpp"

#include <array>

namespace filemint::actors::testing {

class window_test : public actor_test {
protected:
  // Company 0's window is owned by core 0; what limiters say to that owner is kept.
  void start() {
    owner_ = spawn<window_owner>(core());
    to_owner_ = spawn<recording_owner>(traffic, owner_);
    const auto sink = spawn<recording_dispatcher>(passed);
    for (std::size_t i = 0; i < cores; ++i) {
      limiters_[i] = spawn<limiter>(core(i));
      tell(limiters_[i], sink);
      introduce(i);
      const auto second = spawn<auth>(core(i));
      tell(second, limiter_actor{limiters_[i]});
      entrances_[i] = spawn<front_end>(core(i));
      tell(entrances_[i], second);
    }
    run();
  }
  void introduce(std::size_t i) {
    tell(limiters_[i], std::size_t{0}, to_owner_);
    tell(owner_, i, window_limiter_peer{limiters_[i]});
  }
  // An owner that has ended is started again: it has to be introduced anew.
  void replace_owner() {
    end(caf::actor_cast<caf::actor>(owner_));
    run();
    owner_ = spawn<window_owner>(core());
    to_owner_ = spawn<recording_owner>(traffic, owner_);
    for (std::size_t i = 0; i < cores; ++i) introduce(i);
    run();
  }
  sent_call post_on(std::size_t core) {
    front_end_ = entrances_[core];
    return post();
  }
  // True: admitted.
  bool passes(std::size_t core) {
    const auto before = passed.size();
    const auto call = post_on(core);
    const bool admitted_now = passed.size() > before;
    EXPECT_NE(admitted_now, call->came());
    return admitted_now;
  }

  window_owner_actor owner_;
  window_owner_actor to_owner_;
  std::array<window_limiter_actor, cores> limiters_;
  std::array<front_end_actor, cores> entrances_;
  quota_traffic traffic;
  std::vector<admitted> passed;
};

}  // namespace filemint::actors::testing
