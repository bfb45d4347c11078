#include "actors/exchange.hpp"

#include "tests/unit/actors/fakes.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <thread>

namespace filemint::actors::exchange_test {
namespace {

using testing::kept_answer;

TEST(Exchange, Answers500WhenItIsDroppedUnanswered) {
  const auto session = std::make_shared<kept_answer>();
  {
    const exchange dropped{session, take_workspace()};
  }
  EXPECT_EQ(session->code(), errc::internal_server_error);
  EXPECT_EQ(session->deliveries, 1);
}

TEST(Exchange, DropsWhatComesAfterTheFirstAnswer) {
  const auto session = std::make_shared<kept_answer>();
  {
    exchange call{session, take_workspace()};
    EXPECT_FALSE(call.answered());
    call.answer(fail(errc::gateway_timeout));
    EXPECT_TRUE(call.answered());
    call.answer(fail(errc::forbidden));
  }
  EXPECT_EQ(session->code(), errc::gateway_timeout);
  EXPECT_EQ(session->deliveries, 1);
}

TEST(Exchange, LetsTheSessionGoWithTheAnswer) {
  const auto session = std::make_shared<kept_answer>();
  exchange call{session, take_workspace()};
  EXPECT_EQ(session.use_count(), 2);
  call.answer(fail(errc::forbidden));
  EXPECT_EQ(session.use_count(), 1);
}

TEST(Exchange, HandsTheSnapshotAndTheSharesToTheAnswer) {
  load_meter load{1, {10, 10, 10}};
  const auto session = std::make_shared<kept_answer>();
  const auto known = std::make_shared<const snapshot>();
  {
    exchange call{session, take_workspace()};
    call.known = known;
    call.notes.in_flight = *load.take(load_kind::in_flight, 0, 1);
    call.answer(fail(errc::forbidden));
  }
  EXPECT_EQ(session->notes.known, known);
  EXPECT_EQ(load.total(load_kind::in_flight), 1u);
  session->notes = {};
  EXPECT_EQ(load.total(load_kind::in_flight), 0u);
}

TEST(Exchange, GivesAPhaseTheTimeSinceTheMarkBefore) {
  using namespace std::chrono_literals;
  const auto session = std::make_shared<kept_answer>();
  exchange call{session, take_workspace()};
  call.start_clock(mono_time{1s});
  call.mark(metrics::phase::queue, mono_time{1s + 3us});
  call.mark(metrics::phase::auth, mono_time{1s + 10us});
  call.answer(fail(errc::forbidden));
  EXPECT_EQ(session->notes.phases[static_cast<std::size_t>(metrics::phase::queue)], 3us);
  EXPECT_EQ(session->notes.phases[static_cast<std::size_t>(metrics::phase::auth)], 7us);
}

TEST(Exchange, IsAnsweredOnceByTwoThreadsAtATime) {
  for (int round = 0; round < 200; ++round) {
    const auto session = std::make_shared<kept_answer>();
    exchange call{session, take_workspace()};
    std::latch start{2};
    const auto answer_with = [&](errc code) {
      start.arrive_and_wait();
      call.answer(fail(code));
    };
    std::jthread deadline{answer_with, errc::gateway_timeout};
    answer_with(errc::forbidden);
    deadline.join();
    ASSERT_EQ(session->deliveries, 1);
  }
}

}  // namespace
}  // namespace filemint::actors::exchange_test
