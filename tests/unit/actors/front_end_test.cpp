#include "tests/unit/actors/fixture.hpp"

namespace filemint::actors::front_end_test {
namespace {

using namespace std::chrono_literals;

class FrontEnd : public testing::actor_test {
protected:
  void start() { connect(spawn<testing::recording_auth>(taken_on)); }
  std::vector<received> taken_on;
};

TEST_F(FrontEnd, PassesACallOnAndCountsItUntilItsAnswerIsGone) {
  start();
  auto call = make_call();
  clock.mono += 5us;
  send_off(call);
  run();
  ASSERT_EQ(taken_on.size(), 1u);
  EXPECT_FALSE(call->came());
  EXPECT_EQ(in_flight(), 1u);
  taken_on.front()->answer(fail(errc::forbidden));
  EXPECT_EQ(call->notes.phases[static_cast<std::size_t>(metrics::phase::queue)], 5us);
  EXPECT_EQ(in_flight(), 1u) << "its answer is still to be sent";
  call->notes = {};
  EXPECT_EQ(in_flight(), 0u);
}

TEST_F(FrontEnd, RefusesWhatIsMoreThanTheNodeTakesOn) {
  settings.http.max_in_flight = 2;
  start();
  const auto first = post();
  const auto second = post();
  const auto third = post();
  EXPECT_EQ(taken_on.size(), 2u);
  EXPECT_EQ(third->code(), errc::service_unavailable);
  EXPECT_EQ(in_flight(), 2u);

  taken_on.front()->answer(fail(errc::forbidden));
  first->notes = {};
  const auto fourth = post();
  EXPECT_EQ(taken_on.size(), 3u);
  EXPECT_FALSE(fourth->came());
}

TEST_F(FrontEnd, RefusesWhileAnswersAreHardlyTaken) {
  start();
  auto unsent = node().load.take(load_kind::answer_bytes, 1,
                                 node().load.limit(load_kind::answer_bytes) / 8 * 7 + 1);
  EXPECT_EQ(post()->code(), errc::service_unavailable);
  EXPECT_TRUE(taken_on.empty());
  unsent.reset();
  EXPECT_FALSE(post()->came());
}

TEST_F(FrontEnd, RefusesWhileTheStoreWasNotReadForTooLong) {
  settings.store.max_staleness = 2s;
  start();
  node().store_read = [read = clock.mono] { return read; };
  clock.mono += 2s;
  EXPECT_FALSE(post()->came());
  clock.mono += 1ms;
  EXPECT_EQ(post()->code(), errc::service_unavailable);
  EXPECT_EQ(taken_on.size(), 1u);
  node().store_read = [read = clock.mono] { return read; };
  EXPECT_FALSE(post()->came());
}

TEST_F(FrontEnd, RefusesWhenNeitherStoreNorPeersWereHeardForEightSeconds) {
  start();
  node().store_read = [read = clock.mono] { return read; };
  node().peer_heard = [heard = clock.mono + 2s] { return heard; };
  clock.mono += 10s;
  EXPECT_FALSE(post()->came());
  clock.mono += 1ms;
  EXPECT_EQ(post()->code(), errc::service_unavailable);
  node().store_read = [read = clock.mono] { return read; };
  EXPECT_FALSE(post()->came()) << "the store alone will do";
  clock.mono += 9s;
  node().peer_heard = [] { return mono_time::max(); };
  EXPECT_FALSE(post()->came()) << "without peers there is nobody to be cut off from";
}

TEST_F(FrontEnd, RefusesEveryCallPastTheDrainsDeadline) {
  start();
  node().refusing = true;
  const auto call = post();
  EXPECT_EQ(call->code(), errc::service_unavailable);
  EXPECT_TRUE(taken_on.empty());
  EXPECT_EQ(in_flight(), 0u);
}

}  // namespace
}  // namespace filemint::actors::front_end_test
