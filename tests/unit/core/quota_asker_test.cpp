// An asker by itself, letter by letter.
#include "core/cluster/quota_asker.hpp"

#include "core/quota_ledger.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace filemint::quota_asker_test {
namespace {

using namespace std::chrono_literals;

class QuotaAsker : public ::testing::Test {
protected:
  static constexpr std::uint64_t limit = 64'000;
  static constexpr auto life = quota_ledger::lease_life;

  QuotaAsker() {
    quota_routes routes;
    routes.self = {"here", 1};
    routes.candidates = candidate_set({"owner"});
    routes.live = {"owner"};
    asker_.follow(std::make_shared<const quota_routes>(std::move(routes)));
  }

  quota_asker::immediate call(std::chrono::nanoseconds at) {
    return asker_.admit(start_ + at, "co_x", limit);
  }
  template <class Message>
  std::vector<Message> sent() {
    std::vector<Message> all;
    for (const auto& letter : asker_.take_letters()) {
      if (const auto* one = std::get_if<Message>(&letter.what)) all.push_back(*one);
    }
    return all;
  }
  void lease(std::chrono::nanoseconds at, const peer_ask& asked, lease_id id) {
    const peer_message answer = peer_answer{.from = owner_,
                                            .company = "co_x",
                                            .number = asked.number,
                                            .what = calls_leased{id, 1'000, limit, 0, life}};
    asker_.take(start_ + at, answer);
  }

  const node_id owner_{"owner", 7};
  const mono_time start_{1h};
  quota_asker asker_{0};
};

TEST_F(QuotaAsker, TakesARenewalForAsLongAsItsLeaseLives) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(call(0ms)));
  lease(1ms, sent<peer_ask>().at(0), 1);
  EXPECT_TRUE(std::holds_alternative<quota_admission>(call(life / 3)));
  const auto renewal = sent<peer_ask>().at(0);
  EXPECT_TRUE(renewal.ahead);
  // Its link loses packets: the answer is a second and more on its way.
  for (auto at = std::chrono::nanoseconds{life / 3}; at < life - 50ms; at += 25ms) {
    asker_.tick(start_ + at);
  }
  lease(life - 50ms, renewal, 2);
  const auto back = sent<peer_return>();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].id, 1U);
  EXPECT_TRUE(std::holds_alternative<quota_admission>(call(life + 50ms)));
}

TEST_F(QuotaAsker, GivesAllLeasesBackWithWhatWasAdmitted) {
  (void)call(0ms);
  lease(1ms, sent<peer_ask>().at(0), 1);
  EXPECT_TRUE(std::holds_alternative<quota_admission>(call(2ms)));
  asker_.give_back_all(start_ + 3ms);
  const auto back = sent<peer_return>();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].id, 1U);
  std::uint64_t admitted = 0;
  for (const auto& each : back[0].admissions) admitted += each.calls;
  EXPECT_EQ(admitted, 2U);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(call(4ms)));
}

}  // namespace
}  // namespace filemint::quota_asker_test
