// A hub by itself, letter by letter.
#include "core/cluster/quota_hub.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace filemint::quota_hub_test {
namespace {

using namespace std::chrono_literals;

class QuotaHub : public ::testing::Test {
protected:
  static constexpr std::uint64_t limit = 6'400;

  QuotaHub() { hub_.tick(now_); }

  peer_answer ask(std::optional<call_terms> terms = {}) {
    hub_.post(now_, {"node1", peer_ask{.from = self_,
                                       .company = "co_x",
                                       .number = ++number_,
                                       .limit = limit,
                                       .terms = std::move(terms)}});
    return std::get<peer_answer>(hub_.take_mail().back());
  }
  // Of the window, after a call that it has admitted.
  std::uint64_t remaining() {
    return std::get<calls_admitted>(ask(call_terms{"key", {}, 0}).what).window.remaining;
  }

  const node_id self_{"node1", 2};
  instant now_{wall_time{1'800'000'000s}, mono_time{1h}};
  day_book days_;
  quota_hub hub_{self_, now_.mono, days_};
  std::uint64_t number_ = 0;
};

TEST_F(QuotaHub, TakesALeaseBackFromTheProcessThatHasIt) {
  const auto lease = std::get<calls_leased>(ask().what);
  EXPECT_EQ(remaining(), limit - lease.amount - 1);
  // It knows nothing of what another process of its name has admitted.
  const node_id other{"node1", 1};
  hub_.post(now_, {"node1", peer_return{other, 0, "co_x", lease.id, {}}});
  EXPECT_EQ(remaining(), limit - lease.amount - 2);
  hub_.post(now_, {"node1", peer_return{self_, 0, "co_x", lease.id, {{0ns, 3}}}});
  EXPECT_EQ(remaining(), limit - 3 - 3);
}

// Who takes over knows of a call from the log alone, which is written before its answer arrives.
TEST_F(QuotaHub, WritesACallDownAsLateAsItsAnswerMayCome) {
  hub_.post(
      now_,
      {"node1",
       peer_ask{.from = self_, .company = "co_x", .number = 1, .limit = 600, .grace = 400ms}});
  hub_.leave();
  hub_.tick(now_);
  std::vector<mono_time> written;
  hub_.logs().each([&](const node_id&, const auto& entry) { written.push_back(entry.at); });
  EXPECT_EQ(written, std::vector{now_.mono + 400ms});
}

TEST_F(QuotaHub, WritesDownTokensOfACompanyThatItOwnsNoMore) {
  hub_.leave();
  hub_.tick(now_);
  hub_.post(now_, {"node1", peer_spent{self_, "co_x", 70}});
  std::uint64_t written = 0;
  hub_.logs().each([&](const node_id&, const auto& entry) { written += entry.tokens; });
  EXPECT_EQ(written, 70u);
}

}  // namespace
}  // namespace filemint::quota_hub_test
