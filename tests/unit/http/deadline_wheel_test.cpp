#include "http/deadline_wheel.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace filemint::http::deadline_wheel_test {
namespace {

using namespace std::chrono_literals;

class DeadlineWheel : public ::testing::Test {
protected:
  struct alarm final : timed {
    explicit alarm(std::function<void()> then) : act(std::move(then)) {}
    void on_deadline() override {
      ++rings;
      rang_at = mono_clock::now();
      act();
    }
    std::function<void()> act;
    int rings = 0;
    mono_time rang_at{};
  };
  static std::unique_ptr<alarm> make(std::function<void()> then = [] {}) {
    return std::make_unique<alarm>(std::move(then));
  }
  // Runs the context until nothing is set any more.
  void run() {
    io_.restart();
    io_.run();
  }
  void run_until_it_rings(const alarm& one) {
    io_.restart();
    while (one.rings == 0) io_.run_one();
  }
  [[nodiscard]] bool timer_is_set() {
    io_.restart();
    io_.poll();
    return !io_.stopped();
  }

  boost::asio::io_context io_;
  deadline_wheel wheel_{io_};
};

TEST_F(DeadlineWheel, RingsOnceAndNeverEarly) {
  const auto one = make();
  for (const auto in : {0ms, 1ms, 19ms, 20ms, 21ms, 55ms}) {
    const auto rings = one->rings;
    const auto at = mono_clock::now() + in;
    wheel_.set(*one, at);
    EXPECT_EQ(one->deadline(), at);
    run();
    EXPECT_EQ(one->rings, rings + 1);
    EXPECT_GE(one->rang_at, at);
  }
}

TEST_F(DeadlineWheel, CountsFromNowAndNeverTooShort) {
  const auto one = make();
  for (const auto in : {0ms, 7ms, 20ms, 60'000ms}) {
    const auto before = mono_clock::now();
    wheel_.set_in(*one, in);
    EXPECT_GE(one->deadline(), before + in);
    EXPECT_LE(one->deadline(), mono_clock::now() + in + 10ms);
  }
}

TEST_F(DeadlineWheel, RingsAtOnceForWhatIsPast) {
  const auto one = make();
  wheel_.set(*one, mono_clock::now() - 1h);
  run();
  EXPECT_EQ(one->rings, 1);
}

TEST_F(DeadlineWheel, KeepsTheOrderOfTheTicks) {
  std::vector<int> order;
  std::vector<std::unique_ptr<alarm>> alarms;
  const auto start = mono_clock::now();
  for (const int i : {3, 0, 4, 1, 2}) {
    alarms.push_back(make([&order, i] { order.push_back(i); }));
    wheel_.set(*alarms.back(), start + i * 2 * deadline_wheel::tick);
  }
  run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(DeadlineWheel, ReplacesTheDeadlineThatWasSet) {
  const auto sooner = make();
  const auto later = make();
  const auto start = mono_clock::now();
  wheel_.set(*sooner, start + 1h);
  wheel_.set(*sooner, start + 1ms);
  wheel_.set(*later, start + 1ms);
  wheel_.set(*later, start + 70ms);
  run();
  EXPECT_EQ(sooner->rings, 1);
  EXPECT_EQ(later->rings, 1);
  EXPECT_GE(later->rang_at, start + 70ms);
}

TEST_F(DeadlineWheel, DoesNotRingOnceCleared) {
  const auto cleared = make();
  const auto other = make();
  wheel_.set(*cleared, mono_clock::now() + 1ms);
  wheel_.set(*other, mono_clock::now() + 50ms);
  deadline_wheel::clear(*cleared);
  deadline_wheel::clear(*cleared);
  run();
  EXPECT_EQ(cleared->rings, 0);
  EXPECT_EQ(other->rings, 1);
}

TEST_F(DeadlineWheel, ForgetsWhatIsDestroyed) {
  auto gone = make();
  const auto other = make();
  wheel_.set(*gone, mono_clock::now() + 1ms);
  wheel_.set(*other, mono_clock::now() + 50ms);
  gone.reset();
  run();
  EXPECT_EQ(other->rings, 1);
}

TEST_F(DeadlineWheel, LetsAnAlarmSetClearAndDestroyOthersOfItsTick) {
  const auto at = mono_clock::now() + 1ms;
  auto cleared = make();
  auto destroyed = make();
  int repeats = 0;
  std::unique_ptr<alarm> first;
  first = make([&] {
    deadline_wheel::clear(*cleared);
    destroyed.reset();
    if (++repeats < 3) wheel_.set(*first, mono_clock::now() + 1ms);
  });
  wheel_.set(*first, at);
  wheel_.set(*cleared, at);
  wheel_.set(*destroyed, at);
  run();
  EXPECT_EQ(first->rings, 3);
  EXPECT_EQ(cleared->rings, 0);
}

// 4096 ticks are a turn: what is further off shares its slot with what comes now.
TEST_F(DeadlineWheel, KeepsWhatIsTurnsAway) {
  const auto turn = 4096 * deadline_wheel::tick;
  const auto start = mono_clock::now();
  std::vector<std::unique_ptr<alarm>> far;
  for (int turns = 1; turns <= 3; ++turns) {
    for (auto in = 0ms; in <= 80ms; in += 20ms) {
      far.push_back(make());
      wheel_.set(*far.back(), start + turns * turn + in);
    }
  }
  const auto near = make();
  wheel_.set(*near, start + 60ms);
  run_until_it_rings(*near);
  for (const auto& each : far) EXPECT_EQ(each->rings, 0);
}

TEST_F(DeadlineWheel, StaysWokenForWhatIsFarOff) {
  const auto far = make();
  const auto soon = make();
  wheel_.set(*far, mono_clock::now() + 1h);
  wheel_.set(*soon, mono_clock::now() + 1ms);
  run_until_it_rings(*soon);
  EXPECT_TRUE(timer_is_set());
  EXPECT_EQ(far->rings, 0);
  wheel_.stop();
  EXPECT_FALSE(timer_is_set());
}

TEST_F(DeadlineWheel, SetsNoTimerWhileNothingIsSet) {
  EXPECT_FALSE(timer_is_set());
  const auto one = make();
  wheel_.set(*one, mono_clock::now() + 1ms);
  run();
  EXPECT_FALSE(timer_is_set());
}

}  // namespace
}  // namespace filemint::http::deadline_wheel_test
