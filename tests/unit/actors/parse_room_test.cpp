#include "actors/parse_room.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace filemint::actors::parse_room_test {
namespace {

class ParseRoom : public ::testing::Test {
protected:
  int freed = 0;
  std::shared_ptr<parse_room> room = std::make_shared<parse_room>(100, [this] { ++freed; });
};

TEST_F(ParseRoom, IsTakenUntilItIsFull) {
  const auto first = room->take(60);
  const auto second = room->take(40);
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(room->take(1));
}

TEST_F(ParseRoom, HoldsOneThatIsLargerThanAllOfIt) {
  const auto large = room->take(1000);
  EXPECT_TRUE(large);
  EXPECT_FALSE(room->take(1));
}

TEST_F(ParseRoom, TellsOnceWhenWhatWasAskedForMayFit) {
  auto first = room->take(60);
  auto second = room->take(40);
  EXPECT_FALSE(room->take(10));
  EXPECT_FALSE(room->take(10));
  EXPECT_EQ(freed, 0);
  first = {};
  EXPECT_EQ(freed, 1);
  second = {};
  EXPECT_EQ(freed, 1) << "nobody asked since";
  EXPECT_TRUE(room->take(100));
}

TEST_F(ParseRoom, TellsNobodyWhoGotWhatHeAskedFor) {
  auto first = room->take(60);
  first = {};
  EXPECT_EQ(freed, 0);
}

TEST_F(ParseRoom, GivesAPermitBackOnce) {
  auto first = room->take(60);
  const auto moved = std::move(first);
  first = {};
  EXPECT_FALSE(room->take(50));
}

TEST_F(ParseRoom, LosesNothingThatIsGivenBackOnAnotherThread) {
  for (int i = 0; i < 1'000; ++i) {
    auto held = room->take(100);
    ASSERT_TRUE(held);
    const int told = freed;
    std::thread other{[permit = std::move(held)] {}};
    const auto next = room->take(100);
    other.join();
    EXPECT_TRUE(next || freed == told + 1) << "it would wait for ever";
  }
}

}  // namespace
}  // namespace filemint::actors::parse_room_test
