#include "pool_fixture.hpp"

#include <latch>
#include <thread>

namespace filemint::http::client_pool_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

class ClientPool : public pool_fixture {};

http_peer::reply hello(const http_peer::asked&) {
  return {http_peer::ok("hello")};
}

TEST_F(ClientPool, BringsAnAnswer) {
  http_peer peer{[](const auto&) {
    return reply{"HTTP/1.1 404 Not Found\r\nX-A: 1\r\nx-b:  two \r\nContent-Length: 4\r\n\r\ngone"};
  }};
  const auto found = ask(to(peer.port()));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->status, 404U);
  EXPECT_EQ(found->field("x-a"), "1");
  EXPECT_EQ(found->field("X-B"), "two");
  EXPECT_EQ(found->body, "gone");
  EXPECT_EQ(pool().counts().answered, 1U);
}

TEST_F(ClientPool, SendsARequestAsItIsGivenWithHostAndLength) {
  http_peer peer{hello};
  auto request = to(peer.port(), "POST", "/a%20b?c=d&e=%2F");
  request.fields = {{"Authorization", "Bearer x"}, {"x-amz-date", "20261129T000000Z"}};
  request.body = "Action=AssumeRole";
  ASSERT_TRUE(ask(request));
  EXPECT_EQ(peer.requests().at(0).head,
            "POST /a%20b?c=d&e=%2F HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                "\r\nAuthorization: Bearer x\r\nx-amz-date: 20261129T000000Z\r\n"
                "Content-Length: 17\r\n\r\n");
  EXPECT_EQ(peer.requests().at(0).body, "Action=AssumeRole");
}

TEST_F(ClientPool, UsesAConnectionAgain) {
  http_peer peer{hello};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(body(to(peer.port())), "hello");
  EXPECT_EQ(peer.accepted(), 1);
  EXPECT_EQ(peer.requests().back().nth, 9);
  EXPECT_EQ(pool().counts().open, 1);
}

TEST_F(ClientPool, TakesTheConnectionThatWasUsedLast) {
  http_peer peer{hello};
  for (auto& each : begin_many(2, to(peer.port()))) EXPECT_TRUE(each.get());
  ASSERT_EQ(peer.accepted(), 2);
  ASSERT_TRUE(ask(to(peer.port())));
  const auto last = peer.requests().back().connection;
  ASSERT_TRUE(ask(to(peer.port())));
  EXPECT_EQ(peer.requests().back().connection, last);
}

TEST_F(ClientPool, KeepsOriginsApart) {
  http_peer one{hello};
  http_peer other{[](const auto&) { return reply{http_peer::ok("other")}; }};
  names.put("one.test", std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(body(to(one.port())), "hello");
  EXPECT_EQ(body(to(other.port())), "other");
  auto by_name = to(one.port());
  by_name.to.host = "one.test";
  EXPECT_EQ(body(by_name), "hello");
  EXPECT_EQ(one.accepted(), 2) << "a connection serves the host that it was opened for";
}

TEST_F(ClientPool, OpensNoMoreConnectionsThanItMay) {
  http_peer peer{hello};
  pool({.max_connections = 4});
  for (auto& each : begin_many(50, to(peer.port()))) EXPECT_EQ(each.get()->body, "hello");
  EXPECT_EQ(peer.most_at_once(), 4);
  EXPECT_EQ(peer.accepted(), 4);
  EXPECT_EQ(peer.requests().size(), 50U);
  EXPECT_EQ(pool().counts().waiting, 0);
}

TEST_F(ClientPool, AFullOriginHoldsUpNoOther) {
  http_peer hangs{[](const auto&) { return reply{"", ending::hang}; }};
  http_peer peer{hello};
  pool({.max_connections = 2});
  auto held = begin_many(10, to(hangs.port()));
  EXPECT_EQ(body(to(peer.port())), "hello");
  ASSERT_TRUE(hangs.awaits_requests(2));
  EXPECT_EQ(pool().counts().waiting, 8);
  pool().stop();
  for (auto& each : held) EXPECT_EQ(each.get().error(), fault::busy);
  EXPECT_EQ(pool().counts().waiting, 0);
  EXPECT_EQ(pool().counts().open, 0);
}

TEST_F(ClientPool, SaysBusyWhenTooManyWait) {
  std::latch go{1};
  http_peer peer{[&](const auto&) {
    go.wait();
    return reply{http_peer::ok("hello")};
  }};
  pool({.max_connections = 2, .max_waiting = 3});
  auto all = begin_many(8, to(peer.port()));
  go.count_down();
  std::vector<bool> served;
  for (auto& each : all) {
    const auto found = each.get();
    served.push_back(found.has_value());
    if (!found) {
      EXPECT_EQ(found.error(), fault::busy);
    }
  }
  EXPECT_THAT(served, ElementsAre(true, true, true, true, true, false, false, false));
  EXPECT_EQ(faults(fault::busy), 3U);
}

TEST_F(ClientPool, WhatWaitsGoesInTheOrderOfTheCalls) {
  http_peer peer{hello};
  pool({.max_connections = 1});
  std::vector<std::future<outcome>> all;
  std::promise<void> asked;
  pool().run([&] {
    for (int i = 0; i < 5; ++i)
      all.push_back(begin(to(peer.port(), "GET", "/" + std::to_string(i))));
    asked.set_value();
  });
  asked.get_future().wait();
  for (auto& each : all) EXPECT_TRUE(each.get());
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(peer.requests().at(static_cast<std::size_t>(i)).head,
                HasSubstr("GET /" + std::to_string(i) + " "));
  }
}

TEST_F(ClientPool, ClosesAConnectionThatRestedForLong) {
  http_peer peer{hello};
  pool({.idle_for = 50ms});
  EXPECT_EQ(body(to(peer.port())), "hello");
  EXPECT_TRUE(peer.awaits_standing(0));
  EXPECT_EQ(body(to(peer.port())), "hello");
  EXPECT_EQ(peer.accepted(), 2);
}

TEST_F(ClientPool, HasNoTimeForWhatIsLateAlready) {
  http_peer peer{hello};
  EXPECT_EQ(ask(to(peer.port()), {std::chrono::milliseconds::min()}).error(), fault::timed_out);
  EXPECT_EQ(ask(to(peer.port()), {-1ms}).error(), fault::timed_out);
  EXPECT_EQ(body(to(peer.port()), {std::chrono::milliseconds::max()}), "hello");
}

TEST(FetchJob, WipesWhatMayHoldCredentialsBeforeItTells) {
  fetch_job job;
  job.head = "POST / HTTP/1.1\r\nAuthorization: Bearer secret\r\n\r\n";
  job.request = {"POST", {}, "/", {{"Authorization", "Bearer secret"}}, "secret"};
  pool_counts counts;
  int told = 0;
  job.done = [&](const auto&) {
    ++told;
    EXPECT_EQ(job.head, "");
    EXPECT_EQ(job.request.body, "");
    EXPECT_EQ(job.request.fields.at(0).value, "");
  };
  job.end(counts, std::unexpected(actors::fetch_fault::timed_out));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(counts.of(actors::fetch_fault::timed_out), 1U);
}

TEST_F(ClientPool, CallsOnItsOneThread) {
  http_peer peer{hello};
  std::promise<std::thread::id> run_on, done_on;
  pool().run([&] { run_on.set_value(std::this_thread::get_id()); });
  pool().fetch(to(peer.port()), {ample},
               [&](const auto&) { done_on.set_value(std::this_thread::get_id()); });
  const auto its = run_on.get_future().get();
  EXPECT_EQ(done_on.get_future().get(), its);
  EXPECT_NE(its, std::this_thread::get_id());
}

TEST_F(ClientPool, StopAnswersAllAndDropsWork) {
  http_peer peer{[](const auto&) { return reply{"", ending::hang}; }};
  auto under_way = begin(to(peer.port()));
  ASSERT_TRUE(peer.awaits_requests(1));
  auto looked_up = begin({"GET", {false, "hangs.test", 80}, "/", {}, {}});
  pool().stop();
  EXPECT_EQ(under_way.get().error(), fault::busy);
  EXPECT_EQ(looked_up.get().error(), fault::busy);
  EXPECT_EQ(ask(to(peer.port())).error(), fault::busy) << "after the end too";
  bool ran = false;
  pool().run([&] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_TRUE(peer.awaits_standing(0));
  names.put("hangs.test", std::vector<std::string>{"127.0.0.1"});  // told to nobody any more
}

TEST_F(ClientPool, AnswersEachCallOnceWhileItIsStopped) {
  http_peer peer{hello};
  constexpr int threads = 4, calls = 200;
  std::atomic<int> answered{0};
  std::latch begun{threads};
  auto& asked = pool();
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        for (int n = 0; n < calls; ++n) {
          if (n == calls / 4) begun.count_down();
          asked.fetch(to(peer.port()), {ample}, [&](const auto&) { ++answered; });
        }
      });
    }
    begun.wait();
    asked.stop();
  }
  EXPECT_EQ(answered, threads * calls);
}

}  // namespace
}  // namespace filemint::http::client_pool_test
