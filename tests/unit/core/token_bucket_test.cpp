#include "core/token_bucket.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace filemint::token_bucket_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

bool passes(token_bucket& bucket, mono_time t, std::uint32_t rate, std::uint32_t burst) {
  if (bucket.next_pass(t, rate, burst) > t) return false;
  bucket.take();
  return true;
}

TEST(TokenBucket, HoldsItsBurstAtFirstAndThenWhatFlowsIn) {
  token_bucket bucket;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(passes(bucket, at(0s), 10, 5)) << i;
  EXPECT_EQ(bucket.next_pass(at(0s), 10, 5), at(100ms));
  EXPECT_FALSE(passes(bucket, at(100ms - 1ns), 10, 5));
  EXPECT_TRUE(passes(bucket, at(100ms), 10, 5));
  EXPECT_FALSE(passes(bucket, at(100ms), 10, 5));
}

TEST(TokenBucket, IsFullAgainAndNoFullerAfterAPause) {
  token_bucket bucket;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(passes(bucket, at(0s), 10, 5)) << i;
  EXPECT_FALSE(bucket.full(at(500ms - 1ns)));
  EXPECT_TRUE(bucket.full(at(500ms)));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(passes(bucket, at(24h * 365), 10, 5)) << i;
  EXPECT_FALSE(passes(bucket, at(24h * 365), 10, 5));
}

TEST(TokenBucket, LosesNothingToRoundingAtARateThatDividesNoSecond) {
  token_bucket bucket;
  EXPECT_TRUE(passes(bucket, at(0s), 3, 2));
  int passed = 0;
  for (auto t = 1ns; t <= 1h; t += 1ms) passed += passes(bucket, at(t), 3, 2) ? 1 : 0;
  EXPECT_EQ(passed, 3 * 3'600);
  EXPECT_EQ(bucket.next_pass(at(1h), 3, 2), at(1h)) << "the next one's third of a second is over";
}

TEST(TokenBucket, ShrinksToALowerBurst) {
  token_bucket bucket;
  for (int i = 0; i < 90; ++i) EXPECT_TRUE(passes(bucket, at(0s), 10, 100));
  EXPECT_EQ(bucket.next_pass(at(0s), 10, 5), at(100ms)) << "empty, and no emptier";
}

// From any admission on, burst + rate × time are admitted at most; and none is refused that this
// allows.
RC_GTEST_PROP(TokenBucket, AgreesWithANaiveLogOfEveryAdmission, ()) {
  const auto rate = *rc::gen::inRange<std::uint32_t>(1, 50);
  const auto burst = *rc::gen::inRange<std::uint32_t>(1, 12);
  const auto gaps = *rc::gen::container<std::vector<std::pair<bool, std::uint32_t>>>(
      rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::inRange<std::uint32_t>(0, 400'000'000)));
  constexpr std::uint64_t second = 1'000'000'000;
  token_bucket bucket;
  std::vector<mono_time> log;
  auto now = at(0s);
  const auto allowed = [&](mono_time t) {
    for (std::size_t first = 0; first < log.size(); ++first) {
      const auto since = static_cast<std::uint64_t>((t - log[first]).count());
      if ((log.size() - first + 1) * second > burst * second + rate * since) return false;
    }
    return true;
  };
  for (const auto& [pauses, gap] : gaps) {
    if (pauses) now += std::chrono::nanoseconds{gap};
    const auto pass = bucket.next_pass(now, rate, burst);
    RC_ASSERT((pass == now) == allowed(now));
    RC_ASSERT(allowed(pass));
    RC_ASSERT(pass == now || !allowed(pass - 1ns));
    if (pass != now) continue;
    bucket.take();
    log.push_back(now);
  }
}

}  // namespace
}  // namespace filemint::token_bucket_test
