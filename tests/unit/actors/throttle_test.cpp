// Limiters and owner where a key is throttled, or its company's tokens are counted.
#include "actors/ask_throttle.hpp"
#include "actors/dispatcher.hpp"
#include "tests/unit/actors/window_fixture.hpp"

namespace filemint::actors::throttle_test {
namespace {

using namespace std::chrono_literals;

class Throttle : public testing::window_test {};

TEST_F(Throttle, IsOneForTheLimitersOfAllCores) {
  put_caller({.throttle = {.rate = 10, .burst = 5}});
  start();
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(passes(i % cores)) << i;
  EXPECT_FALSE(passes(0));
  EXPECT_FALSE(passes(1));
  advance(100ms);
  EXPECT_TRUE(passes(1));
  EXPECT_FALSE(passes(0));
}

TEST_F(Throttle, AnswersThrottledWithTheWindowAsItStands) {
  put_caller({.throttle = {.rate = 1, .burst = 1}});
  start();
  ASSERT_TRUE(passes(0));
  const auto refused = post_on(0);
  EXPECT_EQ(refused->code(), errc::throttled);
  ASSERT_NE(refused->detail<std::int64_t>("retry_after_seconds"), nullptr);
  EXPECT_EQ(*refused->detail<std::int64_t>("retry_after_seconds"), 1);
  ASSERT_TRUE(refused->notes.rate);
  EXPECT_EQ(refused->notes.rate->limit, 600u);
  EXPECT_EQ(refused->notes.rate->remaining, 599u);
  advance(1s);
  EXPECT_TRUE(passes(0));
  EXPECT_EQ(passed.back()->notes.rate->remaining, 598u) << "a throttled call did not count";
}

TEST_F(Throttle, GivesNothingToACallThatTheWindowRefuses) {
  put_caller({.window_limit = 1, .throttle = {.per_day = 3, .rate = 1, .burst = 2}});
  start();
  ASSERT_TRUE(passes(0));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(post_on(1)->code(), errc::rate_limit_exceeded) << i;
  put_caller({.window_limit = 9, .throttle = {.per_day = 3, .rate = 1, .burst = 2}});
  EXPECT_TRUE(passes(0));
  EXPECT_EQ(post_on(0)->code(), errc::throttled);
  EXPECT_EQ(node().days.take_changed().at(0).count.calls(), 2u);
}

TEST_F(Throttle, CountsADayUntilMidnight) {
  put_caller({.throttle = {.per_day = 2}});
  start();
  EXPECT_TRUE(passes(0));
  EXPECT_TRUE(passes(1));
  const auto refused = post_on(0);
  const auto left = wall_time{std::chrono::ceil<std::chrono::days>(clock.wall)} - clock.wall;
  ASSERT_EQ(refused->code(), errc::throttled);
  EXPECT_EQ(*refused->detail<std::int64_t>("retry_after_seconds"), left.count());
  clock.wall += left;
  clock.mono += left;
  EXPECT_TRUE(passes(0));
}

TEST_F(Throttle, OutlivesItsOwner) {
  put_caller({.throttle = {.per_day = 9, .rate = 1, .burst = 2}});
  start();
  EXPECT_TRUE(passes(0));
  replace_owner();
  EXPECT_TRUE(passes(0));
  EXPECT_FALSE(passes(0));
}

TEST_F(Throttle, OfTheConfigurationCountsWhereThereIsNoOther) {
  settings.mint.throttle = {.rate = 1, .burst = 1};
  start();
  EXPECT_TRUE(passes(0));
  EXPECT_FALSE(passes(0));
  put_caller({.throttle = {.rate = throttle_terms::no_rate}});
  EXPECT_TRUE(passes(0)) << "lifted for this key";
}

TEST_F(Throttle, LetsTheLeasesOfAWindowBe) {
  put_caller({.window_limit = 100'000});
  start();
  ASSERT_TRUE(passes(0));
  ASSERT_EQ(traffic.asks.size(), 1u);
  put_caller({.window_limit = 100'000, .throttle = {.rate = 10, .burst = 5}});
  EXPECT_TRUE(passes(0));
  EXPECT_TRUE(passes(0));
  EXPECT_EQ(traffic.asks.size(), 3u) << "a throttled key's calls are asked for one by one";
  EXPECT_TRUE(traffic.settled.empty());
}

TEST_F(Throttle, IsAskedByRoutesThatMintNothing) {
  put_caller({.throttle = {.rate = 1, .burst = 2}});
  start();
  core_entrance entrance;
  entrance.limiter = limiters_[1];
  std::vector<std::optional<mono_time>> told;
  const auto ask = [&] {
    const auto& key = *known().people.find_key(key_id());
    ask_throttle(core(1), entrance, {&known().people.company_of(key), &key},
                 [&](std::optional<mono_time> pass) { told.push_back(pass); });
    run();
  };
  ask();
  ASSERT_TRUE(passes(0));
  ask();
  EXPECT_FALSE(passes(0));
  using passing = std::optional<mono_time>;
  EXPECT_EQ(told, (std::vector<passing>{std::nullopt, clock.mono + 1s}));
  put_caller({});
  ask();
  EXPECT_EQ(told.back(), std::nullopt);
  ASSERT_TRUE(passes(0));
  EXPECT_EQ(passed.back()->notes.rate->remaining, 598u) << "the window counts minting calls alone";
}

class Tokens : public testing::window_test {
protected:
  void spend(std::uint64_t paths) {
    tell(limiters_[1], paths_spent{0, paths});
    run();
  }
};

TEST_F(Tokens, AreCountedOnceTheyAreKnownAndMayOverdrawTheWindow) {
  put_caller({.token_limit = 10});
  start();
  EXPECT_TRUE(passes(0));
  spend(9);
  EXPECT_TRUE(passes(1));
  spend(500);
  const auto refused = post_on(0);
  EXPECT_EQ(refused->code(), errc::rate_limit_exceeded);
  EXPECT_EQ(*refused->detail<std::string>("category"), "tokens");
  EXPECT_EQ(*refused->detail<std::int64_t>("retry_after_seconds"), 60);
  EXPECT_EQ(refused->notes.rate->limit, 10u);
  EXPECT_EQ(refused->notes.rate->category, quota_category::tokens);
  advance(60s);
  EXPECT_TRUE(passes(0));
}

TEST_F(Tokens, AreTheDistinctPathsOfACall) {
  put_caller({.token_limit = 10});
  start();
  const auto fourth = spawn<dispatcher>(core());
  tell(fourth, limiter_peer{limiters_[0]});
  tell(limiters_[0], fourth);
  run();
  front_end_ = entrances_[0];
  post(R"({"filePaths":["uploads/co_xyz/a","uploads/co_xyz/b","uploads/co_xyz/a"]})");
  ASSERT_EQ(traffic.spent.size(), 1u);
  EXPECT_EQ(traffic.spent[0].paths, 2u);
  post(R"({"filePaths":["elsewhere/a"]})");
  ASSERT_EQ(traffic.spent.size(), 2u) << "whatever the call ends in";
  post("{");
  EXPECT_EQ(traffic.spent.size(), 2u) << "no paths are known";
}

TEST_F(Tokens, AreNotToldWhereTheyAreNotCounted) {
  start();
  const auto fourth = spawn<dispatcher>(core());
  tell(fourth, limiter_peer{limiters_[0]});
  tell(limiters_[0], fourth);
  run();
  front_end_ = entrances_[0];
  post();
  EXPECT_TRUE(traffic.spent.empty());
}

}  // namespace
}  // namespace filemint::actors::throttle_test
