#include "actors/roll_call.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace filemint::actors::roll_call_test {
namespace {

TEST(RollCall, IsCompleteWithTheLastOne) {
  std::optional<bool> told;
  auto call = std::make_shared<roll_call>(2, [&](bool all) { told = all; });
  call->here();
  EXPECT_FALSE(told);
  call->here();
  EXPECT_EQ(told, true);
  told.reset();
  call.reset();
  EXPECT_FALSE(told) << "it tells once";
}

TEST(RollCall, MissesWhoLetsItsMessageDrop) {
  std::optional<bool> told;
  auto call = std::make_shared<roll_call>(2, [&](bool all) { told = all; });
  auto dropped = call;
  call->here();
  call.reset();
  EXPECT_FALSE(told) << "the other may still come";
  dropped.reset();
  EXPECT_EQ(told, false);
}

TEST(RollCall, CountsManyThreads) {
  for (int round = 0; round < 200; ++round) {
    int complete = 0;
    {
      auto call = std::make_shared<roll_call>(4, [&](bool all) { complete += all ? 1 : 100; });
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) threads.emplace_back([call] { call->here(); });
    }
    EXPECT_EQ(complete, 1);
  }
}

}  // namespace
}  // namespace filemint::actors::roll_call_test
