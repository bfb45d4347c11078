#include "actors/inbox.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace filemint::actors::inbox_test {
namespace {

TEST(Inbox, TellsThatItWasEmptyOnlyToTheFirstPush) {
  inbox<int> box;
  EXPECT_TRUE(box.push(1));
  EXPECT_FALSE(box.push(2));
  std::vector<int> out;
  box.take_all(out);
  EXPECT_TRUE(box.push(3));
}

TEST(Inbox, HandsOutInTheOrderOfThePushes) {
  inbox<int> box;
  for (int i = 1; i <= 5; ++i) box.push(i);
  std::vector<int> out{0};
  box.take_all(out);
  EXPECT_EQ(out, (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_TRUE(box.empty());
}

TEST(Inbox, LosesNothingAndKeepsEachPushersOrderUnderFourPushers) {
  constexpr int pushers = 4;
  constexpr int each = 20'000;
  inbox<std::pair<int, int>> box;
  std::atomic<int> wakes{0};
  std::vector<std::jthread> threads;
  for (int p = 0; p < pushers; ++p) {
    threads.emplace_back([&box, &wakes, p] {
      for (int i = 0; i < each; ++i) {
        if (box.push({p, i})) wakes.fetch_add(1);
      }
    });
  }
  std::vector<std::pair<int, int>> out;
  int takes = 0;
  while (out.size() < std::size_t{pushers} * each) {
    const auto before = out.size();
    box.take_all(out);
    if (out.size() > before) ++takes;
  }
  threads.clear();
  EXPECT_EQ(wakes.load(), takes);
  std::vector<int> next(pushers, 0);
  for (const auto& [pusher, i] : out) EXPECT_EQ(next[static_cast<std::size_t>(pusher)]++, i);
}

}  // namespace
}  // namespace filemint::actors::inbox_test
