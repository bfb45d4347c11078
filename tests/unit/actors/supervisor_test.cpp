#include "actors/supervisor.hpp"

#include "actors/auth.hpp"
#include "actors/dispatcher.hpp"
#include "actors/front_end.hpp"
#include "actors/limiter.hpp"
#include "actors/minter.hpp"
#include "actors/window_owner.hpp"
#include "tests/unit/actors/fixture.hpp"

#include <array>

namespace filemint::actors::supervisor_test {
namespace {

class supervised : public testing::actor_test {
protected:
  void start() {
    put_signing_keys();
    for (std::size_t i = 0; i < cores; ++i)
      supervisors_[i] = spawn<supervisor>(core(i), entrances_[i]);
    const std::vector<supervisor_actor> all{supervisors_.begin(), supervisors_.end()};
    for (const auto& each : all) tell(each, supervisor_list{all});
    run();
    front_end_ = entrances_[0].front_end;
  }
  void TearDown() override {
    for (auto& each : std::exchange(supervisors_, {})) {
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    }
    run();
    for (const auto& each : entrances_) EXPECT_FALSE(each.front_end) << "the set did not end";
  }
  // The next actor that has something to do, if it is an A.
  template <class A>
  caf::actor next_to_run() {
    auto& jobs = scheduler().jobs;
    auto* next = jobs.empty() ? nullptr : dynamic_cast<A*>(jobs.front());
    return next == nullptr ? caf::actor{} : caf::actor_cast<caf::actor>(next);
  }
  // Ends core 0's A just before it would take up what was sent to it.
  template <class A>
  sent_call end_before_its_turn() {
    auto made = make_call();
    send_off(made);
    auto victim = next_to_run<A>();
    while (!victim && run_one()) victim = next_to_run<A>();
    EXPECT_TRUE(victim);
    if (victim) end(victim);
    run();
    front_end_ = entrances_[0].front_end;
    return made;
  }

  std::array<supervisor_actor, cores> supervisors_;
  std::array<core_entrance, cores> entrances_;
};

template <class A>
class Supervisor : public supervised {};

using stages = ::testing::Types<front_end, auth, limiter, dispatcher, minter>;
TYPED_TEST_SUITE(Supervisor, stages);

TYPED_TEST(Supervisor, StartsAnActorAgainAndAnswersWhatWasQueuedForIt) {
  this->start();
  EXPECT_TRUE(this->post()->ok());
  const auto lost = this->template end_before_its_turn<TypeParam>();
  EXPECT_EQ(lost->code(), errc::internal_server_error);
  EXPECT_EQ(this->core().counts.actor_restarts(), 1u);
  EXPECT_EQ(this->reports.size(), 1u);
  EXPECT_TRUE(this->post()->ok());
  lost->notes = {};
  EXPECT_EQ(this->in_flight(), 0u);
}

using SupervisorOfOwners = supervised;

TEST_F(SupervisorOfOwners, HasLimitersAskTheNewOwnerForThoseWhoWait) {
  start();
  const auto call = end_before_its_turn<window_owner>();
  EXPECT_TRUE(call->ok());
  EXPECT_EQ(core().counts.actor_restarts(), 1u);
  EXPECT_TRUE(post()->ok());
}

TEST_F(SupervisorOfOwners, TellsTheOtherCoresOfANewLimiterAndOwner) {
  start();
  (void)end_before_its_turn<limiter>();
  (void)end_before_its_turn<window_owner>();
  // Company 0's window is core 0's: its other core's limiter must reach the new owner.
  front_end_ = entrances_[1].front_end;
  EXPECT_TRUE(post()->ok());
  EXPECT_EQ(core(1).counts.actor_restarts(), 0u);
}

TEST_F(SupervisorOfOwners, StartsAnActorAgainEachTime) {
  start();
  for (std::uint64_t i = 1; i <= 20; ++i) {
    EXPECT_EQ(end_before_its_turn<minter>()->code(), errc::internal_server_error);
    EXPECT_EQ(core().counts.actor_restarts(), i);
  }
  EXPECT_TRUE(post()->ok());
  EXPECT_EQ(in_flight(), 0u);
}

}  // namespace
}  // namespace filemint::actors::supervisor_test
