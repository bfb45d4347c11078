// A pool against servers of a test's own.
#pragma once

#include "http/client_pool.hpp"
#include "http_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace filemint::http {

// Tells what a test has put; a host that it has not put hangs.
class fake_names final : public actors::resolver {
public:
  void resolve(const std::string& host, std::function<void(answer)> done) override {
    std::unique_lock lock{mutex_};
    ++asked_[host];
    const auto at = answers_.find(host);
    if (at == answers_.end()) {
      hung_.emplace_back(host, std::move(done));
      return;
    }
    const auto found = at->second;
    lock.unlock();
    done(found);
  }
  // What hangs for that host is told too.
  void put(const std::string& host, answer known) {
    std::vector<std::function<void(answer)>> told;
    {
      const std::scoped_lock lock{mutex_};
      answers_.insert_or_assign(host, known);
      std::erase_if(hung_, [&](auto& each) {
        if (each.first != host) return false;
        told.push_back(std::move(each.second));
        return true;
      });
    }
    for (const auto& each : told) each(known);
  }
  [[nodiscard]] int asked(const std::string& host) {
    const std::scoped_lock lock{mutex_};
    return asked_[host];
  }

private:
  std::mutex mutex_;  // guards what follows
  std::map<std::string, answer> answers_;
  std::map<std::string, int> asked_;
  std::vector<std::pair<std::string, std::function<void(answer)>>> hung_;
};

class pool_fixture : public ::testing::Test {
protected:
  using outcome = actors::fetch_outcome;
  using fault = actors::fetch_fault;
  using ending = http_peer::ending;
  using reply = http_peer::reply;
  static constexpr std::chrono::milliseconds ample{30'000};

  client_pool& pool(client_pool_terms terms = {}) {
    if (!pool_) {
      terms.names = &names;
      auto made = client_pool::start(std::move(terms));
      EXPECT_TRUE(made) << made.error().message;
      pool_ = std::move(*made);
    }
    return *pool_;
  }

  static backends::remote_request to(std::uint16_t port, std::string method = "GET",
                                     std::string target = "/") {
    return {std::move(method), {false, "127.0.0.1", port}, std::move(target), {}, {}};
  }

  std::future<outcome> begin(backends::remote_request request,
                             actors::fetch_terms terms = {ample}) {
    auto told = std::make_shared<std::promise<outcome>>();
    auto later = told->get_future();
    pool().fetch(std::move(request), terms,
                 [told](outcome found) { told->set_value(std::move(found)); });
    return later;
  }
  outcome ask(backends::remote_request request, actors::fetch_terms terms = {ample}) {
    return begin(std::move(request), terms).get();
  }
  // The body, or the fault by its number.
  std::string body(backends::remote_request request, actors::fetch_terms terms = {ample}) {
    const auto found = ask(std::move(request), terms);
    return found ? found->body : "fault " + std::to_string(static_cast<int>(found.error()));
  }
  // All at once, none before the others are there.
  std::vector<std::future<outcome>> begin_many(std::size_t count,
                                               const backends::remote_request& request,
                                               actors::fetch_terms terms = {ample}) {
    std::vector<std::future<outcome>> all;
    std::promise<void> asked;
    pool().run([&] {
      for (std::size_t i = 0; i < count; ++i) all.push_back(begin(request, terms));
      asked.set_value();
    });
    asked.get_future().wait();
    return all;
  }
  [[nodiscard]] std::uint64_t faults(fault which) { return pool().counts().of(which).load(); }

  fake_names names;

private:
  std::unique_ptr<client_pool> pool_;
};

}  // namespace filemint::http
