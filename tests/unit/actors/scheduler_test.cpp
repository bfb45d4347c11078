// The scheduler with real threads.
#include "tests/unit/actors/scheduler_fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>
#include <vector>

namespace filemint::actors::testing::scheduler_test {
namespace {

TEST_F(Scheduler, KeepsAnActorHomeWhoeverWakesIt) {
  constexpr int balls_a_thread = 100;
  constexpr int passes = 10;
  constexpr int balls = 3 * balls_a_thread;
  std::vector<caf::actor> players;
  for (std::size_t i = 0; i < workers; ++i)
    players.push_back(spawn_on<player>(i, &pool[i], counts));
  {
    std::vector<std::jthread> foreign;
    for (std::size_t t = 0; t < 3; ++t) {
      foreign.emplace_back([&, t] {
        for (std::size_t i = 0; i < balls_a_thread; ++i) {
          caf::anon_send(players[(i + t) % workers], go_atom::value, players[(i + t + 1) % workers],
                         passes);
        }
      });
    }
  }
  // A ball's handlers: each pass, and for all but the last a late message, a question, an answer.
  constexpr int expected = balls * (passes + 1 + 3 * passes);
  EXPECT_TRUE(happens([&] { return counts.handled == expected; })) << counts.handled;
  EXPECT_EQ(counts.away.load(), 0);
  EXPECT_EQ(counts.delayed.load(), balls * passes);
  EXPECT_EQ(counts.responses.load(), balls * passes);
  end(players);
}

TEST_F(Scheduler, RunsAnActorWithoutAHomeToo) {
  const auto guest = system->spawn<player>(nullptr, counts);
  caf::anon_send(guest, go_atom::value, guest, 5);
  EXPECT_TRUE(happens([&] { return counts.responses == 5 && counts.delayed == 5; }));
  end({guest});
}

TEST_F(Scheduler, LetsHandlersOfAWorkerPassBusyActors) {
  std::vector<caf::actor> hogs;
  for (int i = 0; i < 3; ++i) {
    hogs.push_back(spawn_on<busy>(0, turns));
    caf::anon_send(hogs.back(), go_atom::value);
  }
  ASSERT_TRUE(happens([&] { return turns > 1'000; }));

  std::atomic<int> handled{0};
  boost::asio::post(pool[0].io(), [&] { ++handled; });
  boost::asio::steady_timer timer{pool[0].io(), 1ms};
  timer.async_wait([&](const boost::system::error_code&) { ++handled; });
  EXPECT_TRUE(happens([&] { return handled == 2; }));
  end(hogs);
}

// Each of its handlers takes longer than a whole turn may.
class slow final : public homed<caf::event_based_actor> {
public:
  slow(caf::actor_config& cfg, std::atomic<int>& handled) : homed(cfg), handled_(handled) {}

protected:
  caf::behavior make_behavior() override {
    return {[this](go_atom) {
      for (const auto end = mono_clock::now() + 1ms; mono_clock::now() < end;) continue;
      ++handled_;
    }};
  }

private:
  std::atomic<int>& handled_;
};

TEST_F(Scheduler, LetsHandlersOfAWorkerPassSlowActorsAfterAFewMessages) {
  constexpr int most = static_cast<int>(worker::messages_a_resume + worker::messages_a_look);
  constexpr int all = 6 * 2 * most;
  std::vector<caf::actor> actors;
  for (int i = 0; i < 6; ++i) actors.push_back(spawn_on<slow>(0, turns));
  int seen = 0, most_between = 0;
  std::atomic<bool> over{false};
  std::function<void()> look = [&] {
    const int now = turns;
    most_between = std::max(most_between, now - std::exchange(seen, now));
    if (now == all) {
      over = true;
    } else {
      boost::asio::post(pool[0].io(), look);
    }
  };
  boost::asio::post(pool[0].io(), [&] {  // none of them runs before all have their messages
    for (const auto& each : actors) {
      for (int i = 0; i < 2 * most; ++i) caf::anon_send(each, go_atom::value);
    }
    look();
  });
  ASSERT_TRUE(happens([&] { return over.load(); }));
  EXPECT_LE(most_between, most);
  end(actors);
}

TEST_F(Scheduler, LetsAnActorOfAWorkerPassBusyOnes) {
  const auto hog = spawn_on<busy>(0, turns);
  caf::anon_send(hog, go_atom::value);
  ASSERT_TRUE(happens([&] { return turns > 1'000; }));
  const auto other = spawn_on<player>(0, &pool[0], counts);
  caf::anon_send(other, late_atom::value);
  EXPECT_TRUE(happens([&] { return counts.delayed == 1; }));
  end({hog, other});
}

TEST_F(Scheduler, LetsActorsPassAFloodOfHandlers) {
  std::atomic<bool> stop{false};
  std::atomic<int> handlers{0};
  std::atomic<int> ended{0};
  std::function<void()> again = [&] {
    ++handlers;
    if (stop) {
      ++ended;
      return;
    }
    boost::asio::post(pool[0].io(), again);
  };
  constexpr int streams = 100;
  for (int i = 0; i < streams; ++i) boost::asio::post(pool[0].io(), again);
  ASSERT_TRUE(happens([&] { return handlers > 1'000; }));

  const auto one = spawn_on<player>(0, &pool[0], counts);
  caf::anon_send(one, go_atom::value, one, 3);
  EXPECT_TRUE(happens([&] { return counts.responses == 3 && counts.delayed == 3; }));
  end({one});
  stop = true;
  EXPECT_TRUE(happens([&] { return ended == streams; }));
}

TEST_F(Scheduler, DeliversDelayedMessagesFromEveryWorkerAndFromElsewhere) {
  std::vector<caf::actor> players;
  for (std::size_t i = 0; i < workers; ++i)
    players.push_back(spawn_on<player>(i, &pool[i], counts));
  for (std::size_t i = 0; i < workers; ++i) {
    caf::delayed_anon_send(players[i], 1ms, late_atom::value);
    boost::asio::post(pool[i].io(), [&players, i] {
      caf::delayed_anon_send(players[(i + 1) % workers], 1ms, late_atom::value);
    });
  }
  EXPECT_TRUE(happens([&] { return counts.delayed == static_cast<int>(2 * workers); }));
  EXPECT_EQ(counts.away.load(), 0);
  end(players);
}

// Ends at its first message.
class mayfly : public homed<caf::event_based_actor> {
public:
  mayfly(caf::actor_config& cfg, std::atomic<int>& alive) : homed(cfg), alive_(alive) { ++alive_; }
  ~mayfly() override { --alive_; }

protected:
  caf::behavior make_behavior() override {
    return {[this](go_atom) { quit(); }};
  }

  std::atomic<int>& alive_;
};

// Has a child first.
class parent final : public mayfly {
public:
  parent(caf::actor_config& cfg, worker* home, std::atomic<int>& alive)
      : mayfly(cfg, alive), home_(home) {}

protected:
  caf::behavior make_behavior() override {
    return {[this](go_atom) {
      caf::anon_send(spawn_at<mayfly>(system(), home_, alive_), go_atom::value);
      quit();
    }};
  }

private:
  worker* home_;
};

// Spawning leaves a reference to the system's logger on the worker's thread, which ~actor_system
// once awaited for ever.
TEST(SchedulerEnd, ComesAlsoWhenActorsWereSpawnedOnWorkers) {
  std::atomic<int> alive{0};
  worker_pool pool{2};
  pool.start();
  for (int round = 0; round < 20; ++round) {
    caf::actor_system_config settings;
    asio_scheduler::load_into(settings, pool);
    caf::actor_system system{settings};
    for (std::size_t i = 0; i < pool.size(); ++i) {
      caf::anon_send(spawn_at<parent>(system, &pool[i], &pool[i], alive), go_atom::value);
    }
  }
  EXPECT_EQ(alive.load(), 0);
  pool.stop();
}

TEST(SchedulerEnd, ComesWhileActorsSendToEachOtherAcrossWorkers) {
  tally counts;
  for (int round = 0; round < 20; ++round) {
    worker_pool pool{3};
    pool.start();
    {
      caf::actor_system_config settings;
      asio_scheduler::load_into(settings, pool);
      caf::actor_system system{settings};
      std::vector<caf::actor> players;
      for (std::size_t i = 0; i < 6; ++i) {
        auto* home = &pool[i % pool.size()];
        players.push_back(spawn_at<player>(system, home, home, counts));
      }
      const auto before = counts.handled.load();
      for (std::size_t i = 0; i < players.size(); ++i) {
        caf::anon_send(players[i], go_atom::value, players[(i + 1) % players.size()], 1'000'000);
      }
      ASSERT_TRUE(happens([&] { return counts.handled > before + 100; }));
      for (const auto& each : players) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    }
    pool.stop();
  }
  EXPECT_EQ(counts.alive.load(), 0) << "an actor was leaked";
}

TEST(SchedulerEnd, DoesNotWaitForActorsThatNobodyEnds) {
  tally counts;
  std::atomic<int> turns{0};
  worker_pool pool{2};
  pool.start();
  {
    caf::actor_system_config settings;
    asio_scheduler::load_into(settings, pool);
    caf::actor_system system{settings};
    system.await_actors_before_shutdown(false);
    const auto hog = spawn_at<busy>(system, &pool[0], turns);
    const auto idle = spawn_at<player>(system, &pool[1], &pool[1], counts);
    caf::anon_send(hog, go_atom::value);
    caf::anon_send(idle, go_atom::value, hog, 0);
    ASSERT_TRUE(happens([&] { return turns > 100 && counts.handled == 1; }));
  }
  pool.stop();
  EXPECT_EQ(counts.alive.load(), 0);
}

}  // namespace
}  // namespace filemint::actors::testing::scheduler_test
