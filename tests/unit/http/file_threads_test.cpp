#include "http/file_threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <semaphore>
#include <thread>
#include <vector>

namespace filemint::http::file_threads_test {
namespace {

TEST(FileThreads, KeepAThreadForShortJobsWhileReadsHang) {
  std::binary_semaphore hang{0};
  std::promise<void> begun;
  std::latch all{40};  // more than run before a read would have its turn
  file_threads threads(2);
  threads.post(lane::bulk, [&](bool) {
    begun.set_value();
    hang.acquire();
    hang.release();
  });
  begun.get_future().wait();
  threads.post(lane::bulk, [&](bool) {
    hang.acquire();
    hang.release();
  });
  for (int i = 0; i < 40; ++i) threads.post(lane::quick, [&](bool) { all.count_down(); });
  all.wait();
  hang.release();
}

TEST(FileThreads, GiveAReadItsTurnAmongShortJobs) {
  std::promise<void> begun;
  std::binary_semaphore go{0};
  std::vector<char> order;
  file_threads threads(1);
  threads.post(lane::quick, [&](bool) {
    begun.set_value();
    go.acquire();
  });
  begun.get_future().wait();
  std::latch all{101};
  for (int i = 0; i < 100; ++i) {
    threads.post(lane::quick, [&](bool) {
      order.push_back('q');
      all.count_down();
    });
  }
  threads.post(lane::bulk, [&](bool) {
    order.push_back('b');
    all.count_down();
  });
  go.release();
  all.wait();
  EXPECT_LT(std::ranges::find(order, 'b') - order.begin(), 20);
}

TEST(FileThreads, RefuseWhatFindsNoRoom) {
  std::binary_semaphore go{0};
  std::promise<void> begun;
  int refused = 0;
  file_threads threads(1, 10);
  threads.post(lane::quick, [&](bool) {
    begun.set_value();
    go.acquire();
  });
  begun.get_future().wait();
  for (int i = 0; i < 15; ++i) threads.post(lane::quick, [&](bool run) { refused += run ? 0 : 1; });
  EXPECT_EQ(refused, 5);
  go.release();
}

TEST(FileThreads, AnswerEveryJobOnceThoughTheyStop) {
  std::binary_semaphore go{0};
  std::promise<void> begun;
  std::atomic<int> answered = 0;
  file_threads threads(1);
  threads.post(lane::quick, [&](bool) {
    begun.set_value();
    go.acquire();
  });
  begun.get_future().wait();
  for (int i = 0; i < 10; ++i) threads.post(lane::quick, [&](bool) { ++answered; });
  std::jthread stopper([&] { threads.stop(); });
  // Only what is stopped, or full, refuses: then the job that runs may end.
  std::atomic<bool> stopping = false;
  while (!stopping) {
    threads.post(lane::bulk, [&](bool run) { stopping = stopping || !run; });
    std::this_thread::yield();
  }
  go.release();
  stopper.join();
  EXPECT_EQ(answered, 10);
}

TEST(FileThreads, AnswerEveryJobOnceThoughManyPostWhileTheyStop) {
  constexpr std::size_t posters = 3;
  for (int round = 0; round < 50; ++round) {
    file_threads threads(2);
    std::latch all_post{posters};
    std::atomic<bool> stopped = false;
    std::atomic<int> posted = 0, run = 0, refused = 0;
    {
      std::vector<std::jthread> posting;
      for (std::size_t i = 0; i < posters; ++i) {
        posting.emplace_back([&] {
          const auto post = [&](lane where) {
            ++posted;
            threads.post(where, [&](bool may) { ++(may ? run : refused); });
          };
          post(lane::quick);
          all_post.count_down();
          while (!stopped) post(lane::bulk);
          post(lane::quick);
          post(lane::bulk);
        });
      }
      all_post.wait();
      threads.stop();
      stopped = true;
    }
    ASSERT_EQ(run + refused, posted);
    ASSERT_GE(refused, static_cast<int>(2 * posters));
  }
}

TEST(FileThreads, MakeRoomAsJobsAreTaken) {
  file_threads threads(1, 2);
  int run = 0;
  for (int i = 0; i < 100; ++i) {
    std::promise<bool> ran;
    threads.post(lane::quick, [&](bool may) { ran.set_value(may); });
    run += ran.get_future().get() ? 1 : 0;
  }
  EXPECT_EQ(run, 100);
}

}  // namespace
}  // namespace filemint::http::file_threads_test
