// Both sides of a quota, in a world of several holders and slow messages.
#include "tests/unit/core/quota_world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tuple>
#include <variant>
#include <vector>

namespace filemint::quota_test {
namespace {

using namespace std::chrono_literals;
using testing::quota_world;

mono_time at(std::chrono::nanoseconds since) {
  return mono_time{1h + since};
}

struct burst {
  std::uint32_t gap_ms, calls, holder, spacing_us;
};

rc::Gen<std::vector<burst>> bursts(std::uint32_t longest_gap_ms, std::uint32_t most_calls) {
  return rc::gen::container<std::vector<burst>>(rc::gen::construct<burst>(
      rc::gen::inRange<std::uint32_t>(0, longest_gap_ms),
      rc::gen::inRange<std::uint32_t>(1, most_calls), rc::gen::inRange<std::uint32_t>(0, 3),
      rc::gen::inRange<std::uint32_t>(0, 2'000)));
}

// Returns when the last call comes.
mono_time schedule(quota_world& world, const std::vector<burst>& load) {
  auto t = at(0s);
  for (const auto& [gap_ms, calls, holder, spacing_us] : load) {
    t += std::chrono::milliseconds{gap_ms};
    for (std::uint32_t i = 0; i < calls; ++i) {
      world.call_at(t, holder);
      t += std::chrono::microseconds{spacing_us};
    }
  }
  return t;
}

RC_GTEST_PROP(Quota, KeepsItsPromisesUnderSmallLimits, ()) {
  quota_world world(*rc::gen::inRange<std::uint64_t>(1, 60), 3, 20ms,
                    *rc::gen::arbitrary<std::uint32_t>());
  schedule(world, *bursts(20'000, 30));
  world.run();
}

RC_GTEST_PROP(Quota, KeepsItsPromisesWithLeases, ()) {
  quota_world world(*rc::gen::inRange<std::uint64_t>(6'000, 9'000), 3, 20ms,
                    *rc::gen::arbitrary<std::uint32_t>());
  schedule(world, *bursts(2'000, 400));
  world.run();
  RC_CLASSIFY(world.seen.refused > 0, "filled the window");
  RC_CLASSIFY(world.seen.recalls > 0, "recalled leases");
}

// Their leases come back seconds after they were over. The world refuses nothing while there is
// room.
RC_GTEST_PROP(Quota, KeepsItsPromisesWhileLivingHoldersAreLate, ()) {
  quota_world world(*rc::gen::inRange<std::uint64_t>(6'000, 9'000), 3, 20ms,
                    *rc::gen::arbitrary<std::uint32_t>());
  const auto end = schedule(world, *bursts(2'000, 400));
  const auto stalls = *rc::gen::container<std::vector<std::tuple<std::int64_t, int, int>>>(
      rc::gen::tuple(rc::gen::inRange<std::int64_t>(0, (end - at(0s)).count() + 1),
                     rc::gen::inRange(0, 3), rc::gen::inRange(1, 5'000)));
  for (const auto& [since, holder, length] : stalls) {
    world.stall_at(at(since * 1ns), static_cast<quota_holder>(holder), length * 1ms);
  }
  world.run();
  RC_CLASSIFY(world.seen.refused > 0, "filled the window");
  RC_CLASSIFY(world.seen.late > 0, "took a lease back late");
}

RC_GTEST_PROP(Quota, NeverAdmitsMoreWhenHoldersAreLost, ()) {
  quota_world world(*rc::gen::inRange<std::uint64_t>(6'000, 9'000), 3, 20ms,
                    *rc::gen::arbitrary<std::uint32_t>());
  const auto load = *bursts(2'000, 400);
  const auto end = schedule(world, load);
  for (quota_holder h = 0; h < 2; ++h) {
    world.kill_at(at(*rc::gen::inRange<std::int64_t>(0, (end - at(0s)).count() + 1) * 1ns), h,
                  h == 0 ? 5ms : 5min);
  }
  world.run();
}

RC_GTEST_PROP(Quota, NeverAdmitsMoreThanTheHighestLimitWhileLimitsChange, ()) {
  quota_world world(7'000, 3, 20ms, *rc::gen::arbitrary<std::uint32_t>());
  const auto end = schedule(world, *bursts(2'000, 400));
  for (int i = 0; i < 5; ++i) {
    world.set_limit_at(at(*rc::gen::inRange<std::int64_t>(0, (end - at(0s)).count() + 1) * 1ns),
                       *rc::gen::inRange<std::uint64_t>(1, 20'000));
  }
  world.run();
}

RC_GTEST_PROP(Quota, LetsAClientPassThatWaitsUntilReset, ()) {
  const auto limit = *rc::gen::inRange<std::uint64_t>(1, 20);
  const auto gaps = *rc::gen::container<std::vector<std::uint32_t>>(
      rc::gen::inRange<std::uint32_t>(0, 20'000'000));
  quota_ledger ledger;
  auto now = at(0s);
  for (const auto gap : gaps) {
    now += std::chrono::microseconds{gap};
    auto answer = ledger.ask(now, limit, 0);
    if (const auto* refusal = std::get_if<quota_refusal>(&answer)) {
      auto early = ledger;
      RC_ASSERT(
          std::holds_alternative<quota_refusal>(early.ask(refusal->next_pass - 1ns, limit, 0)));
      now = refusal->next_pass;
      answer = ledger.ask(now, limit, 0);
    }
    RC_ASSERT(std::holds_alternative<quota_admission>(answer));
    const auto& admission = std::get<quota_admission>(answer);
    // At Reset the window is empty again, or, when nothing remains, the next call passes.
    auto later = ledger;
    RC_ASSERT(admission.reset > now);
    const auto next = std::get<quota_admission>(later.ask(admission.reset, limit, 0));
    if (admission.remaining > 0) {
      RC_ASSERT(next.remaining == limit - 1);
    } else {
      auto early = ledger;
      RC_ASSERT(std::holds_alternative<quota_refusal>(early.ask(admission.reset - 1ns, limit, 0)));
    }
  }
}

}  // namespace
}  // namespace filemint::quota_test
