// What is read of what was said about quotas, and what is not taken.
#include "actors/cluster/peer_quota_v1.hpp"

#include "core/cluster/given_logs.hpp"
#include "core/cluster/quota_asker.hpp"
#include "tests/unit/cluster/quota_samples.hpp"
#include "tests/unit/cluster/wire_bytes.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace filemint::actors::peer_quota_v1_test {
namespace {

using filemint::testing::quota_samples;
using std::chrono::nanoseconds;

// Whichever of these it holds, read.
template <class... Messages>
std::optional<peer_message> read_one_of(const caf::message& message) {
  std::optional<peer_message> read;
  const auto one = [&]<class Message>(const Message*) {
    if (message.match_elements<Message>()) {
      read = peer_v1::from_wire(message.get_as<Message>(0));
    }
  };
  (one(static_cast<const Messages*>(nullptr)), ...);
  return read;
}

std::optional<peer_message> read(const caf::message& message) {
  using namespace peer_v1;
  return read_one_of<quota_beat, quota_goodbye, quota_ask, quota_answer, quota_recall, quota_return,
                     quota_return_taken, quota_spent>(message);
}

using PeerQuotaV1 = testing::wire_test;

// ---- there and back

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}

nanoseconds any_span() {
  constexpr nanoseconds longest = peer_v1::longest_span;
  return nanoseconds{*rc::gen::inRange<std::int64_t>(0, longest.count() + 1)};
}

std::string any_text() {
  return any<std::string>();
}

node_id any_node() {
  return {any_text(), any<std::uint64_t>()};
}

template <class Make>
auto some(Make make) {
  std::vector<decltype(make())> all;
  for (auto n = *rc::gen::inRange(0, 4); n > 0; --n) all.push_back(make());
  return all;
}

peer_heartbeat any_heartbeat() {
  const auto number = [] { return any<std::uint64_t>(); };
  const auto day = [&] {
    const std::chrono::days since_1970{*rc::gen::inRange(0, 100'000)};
    return key_day{any_text(), {std::chrono::sys_days{since_1970}, number()}};
  };
  const auto entry = [&] {
    return given_entry{any_text(), number(), number(), number(), any_span(), some(day)};
  };
  peer_heartbeat beat;
  beat.from = any_node();
  beat.number = number();
  beat.confirmed_of = number();
  beat.confirmed = number();
  beat.prompt = any<bool>();
  beat.version = number();
  beat.effective = number();
  for (auto* names : {&beat.candidates, &beat.hears, &beat.dropped}) *names = some(any_text);
  beat.seasoned = any<bool>();
  beat.leaving = any<bool>();
  beat.known = some([&] { return log_position{any_node(), number()}; });
  beat.parts = some([&] { return given_part{any_node(), number(), any<bool>(), some(entry)}; });
  return beat;
}

peer_ask any_ask() {
  peer_ask ask{.from = any_node(),
               .core = any<std::uint16_t>(),
               .company = any_text(),
               .number = any<std::uint64_t>(),
               .limit = any<std::uint64_t>(),
               .calls = any<std::uint32_t>(),
               .ahead = any<bool>(),
               .counted = any<bool>(),
               .grace = any_span()};
  if (any<bool>()) {
    const throttle_terms throttle{any<std::uint32_t>(), any<std::uint16_t>(), any<std::uint16_t>()};
    ask.terms = {any_text(), throttle, any<std::uint64_t>()};
  }
  return ask;
}

peer_answer any_answer() {
  const auto number = [] { return any<std::uint64_t>(); };
  const window_figures window{number(), number(), any_span()};
  peer_answer answer{.from = any_node(),
                     .core = any<std::uint16_t>(),
                     .company = any_text(),
                     .number = number(),
                     .waited = any_span(),
                     .what = {}};
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      answer.what = calls_admitted{any<std::uint32_t>(), window};
      break;
    case 1:
      answer.what = calls_leased{number(), number(), number(), number(), any_span()};
      break;
    case 2:
      answer.what = calls_refused{number(), any_span(),
                                  any<bool>() ? quota_category::tokens : quota_category::calls};
      break;
    default:
      answer.what = calls_throttled{window, any_span()};
  }
  return answer;
}

peer_message any_message() {
  const auto number = [] { return any<std::uint64_t>(); };
  const auto core = any<std::uint16_t>();
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return any_heartbeat();
    case 1:
      return peer_goodbye{any_node()};
    case 2:
      return any_ask();
    case 3:
      return any_answer();
    case 4:
      return peer_recall{any_node(), core, any_text(), number()};
    case 5:
      return peer_return{any_node(), core, any_text(), number(),
                         some([&] { return peer_return::admitted_then{any_span(), number()}; })};
    case 6:
      return peer_return_taken{any_node(), core, any_text(), number()};
    default:
      return peer_spent{any_node(), any_text(), number()};
  }
}

TEST_F(PeerQuotaV1, WhatWasSaidIsRead) {
  for (const auto& each : quota_samples("node1")) {
    EXPECT_EQ(read(message_of(bytes_of(peer_v1::to_wire(each)))), each);
  }
  EXPECT_TRUE(rc::check("anything", [&] {
    const auto said = any_message();
    RC_ASSERT(read(message_of(bytes_of(peer_v1::to_wire(said)))) == said);
  }));
}

// ---- what no sound node says

// As made by `change`, and read; nothing, if it is not taken.
template <class Said, class Message>
std::optional<Said> changed(Message message, const std::function<void(Message&)>& change) {
  change(message);
  const auto read = peer_v1::from_wire(message);
  return read ? std::optional{std::get<Said>(*read)} : std::nullopt;
}

std::optional<peer_ask> ask_with(const std::function<void(peer_v1::quota_ask&)>& change) {
  return changed<peer_ask, peer_v1::quota_ask>({}, change);
}
std::optional<peer_answer> answer_with(const std::function<void(peer_v1::quota_answer&)>& change) {
  return changed<peer_answer, peer_v1::quota_answer>({}, change);
}
std::optional<peer_return> return_with(const std::function<void(peer_v1::quota_return&)>& change) {
  return changed<peer_return, peer_v1::quota_return>({}, change);
}
// With a part of an entry of a day.
std::optional<peer_heartbeat> beat_with(const std::function<void(peer_v1::quota_beat&)>& change) {
  peer_v1::quota_beat beat;
  beat.parts.resize(1);
  beat.parts[0].entries.resize(1);
  beat.parts[0].entries[0].days.resize(1);
  return changed<peer_heartbeat>(std::move(beat), change);
}

// Each time that a message holds, read of so many nanoseconds.
std::vector<nanoseconds> times_read_of(std::int64_t ns) {
  std::vector<nanoseconds> all;
  all.push_back(ask_with([&](auto& ask) { ask.grace_ns = ns; }).value().grace);
  const auto answer = [&](std::uint8_t kind) {
    return answer_with([&](auto& in) {
             in.kind = kind;
             in.waited_ns = in.reset_ns = in.life_ns = in.next_pass_ns = ns;
           })
        .value();
  };
  const auto admitted = answer(peer_v1::quota_answer::admitted);
  all.push_back(admitted.waited);
  all.push_back(std::get<calls_admitted>(admitted.what).window.reset);
  const auto leased = answer(peer_v1::quota_answer::leased);
  all.push_back(std::get<calls_leased>(leased.what).life);
  const auto refused = answer(peer_v1::quota_answer::refused);
  all.push_back(std::get<calls_refused>(refused.what).next_pass);
  const auto throttled = answer(peer_v1::quota_answer::throttled);
  all.push_back(std::get<calls_throttled>(throttled.what).window.reset);
  all.push_back(std::get<calls_throttled>(throttled.what).next_pass);
  const auto back = return_with([&](auto& in) { in.admissions = {{ns, 1}}; }).value();
  all.push_back(back.admissions.at(0).age);
  return all;
}

nanoseconds age_read_of(std::int64_t ns) {
  const auto beat = beat_with([&](auto& in) { in.parts[0].entries[0].age_ns = ns; }).value();
  return beat.parts.at(0).entries.at(0).age;
}

TEST_F(PeerQuotaV1, ATimeBelowZeroIsTakenForZeroAndAFarOneForTheLongest) {
  using ::testing::Each;
  EXPECT_THAT(times_read_of(1), Each(nanoseconds{1}));
  EXPECT_THAT(times_read_of(-1), Each(nanoseconds{0}));
  EXPECT_THAT(times_read_of(std::numeric_limits<std::int64_t>::min()), Each(nanoseconds{0}));
  EXPECT_THAT(times_read_of(std::numeric_limits<std::int64_t>::max()), Each(peer_v1::longest_span));
}

TEST_F(PeerQuotaV1, AnEntryIsOfNoLaterThanAnAnswerTravels) {
  EXPECT_EQ(age_read_of(5), nanoseconds{5});
  EXPECT_EQ(age_read_of(-5), nanoseconds{-5});
  EXPECT_EQ(age_read_of(std::numeric_limits<std::int64_t>::min()), -quota_asker::most_grace);
  EXPECT_EQ(age_read_of(std::numeric_limits<std::int64_t>::max()), peer_v1::longest_span);
}

TEST_F(PeerQuotaV1, ADayThatNoClockCouldTellIsBroughtNearer) {
  const auto day_read_of = [](std::int64_t day) {
    const auto beat = beat_with([&](auto& in) { in.parts[0].entries[0].days[0].day = day; });
    const auto& count = beat.value().parts.at(0).entries.at(0).days.at(0).count;
    return count.day().time_since_epoch().count();
  };
  EXPECT_EQ(day_read_of(20'785), 20'785);
  EXPECT_EQ(day_read_of(std::numeric_limits<std::int64_t>::min()), 0);
  EXPECT_EQ(day_read_of(std::numeric_limits<std::int64_t>::max()), 100'000);
}

TEST_F(PeerQuotaV1, AnUnknownKindIsDropped) {
  using peer_v1::quota_answer;
  for (const auto kind : std::initializer_list<std::uint8_t>{0, 5, 255}) {
    EXPECT_FALSE(answer_with([&](auto& in) { in.kind = kind; })) << int{kind};
  }
  for (const auto category : std::initializer_list<std::uint8_t>{0, 1, 2, 255}) {
    const auto answer = answer_with([&](auto& in) {
      in.kind = quota_answer::refused;
      in.category = category;
    });
    EXPECT_EQ(answer.has_value(), category < 2) << int{category};
  }
}

TEST_F(PeerQuotaV1, MoreThanASoundNodeSendsIsDropped) {
  for (const std::size_t more : {0U, 1U}) {
    const bool taken = more == 0;
    const auto names = peer_v1::most_names + more;
    EXPECT_EQ(beat_with([&](auto& in) { in.candidates.resize(names); }).has_value(), taken);
    EXPECT_EQ(beat_with([&](auto& in) { in.hears.resize(names); }).has_value(), taken);
    EXPECT_EQ(beat_with([&](auto& in) { in.dropped.resize(names); }).has_value(), taken);
    EXPECT_EQ(beat_with([&](auto& in) { in.known.resize(names); }).has_value(), taken);
    EXPECT_EQ(beat_with([&](auto& in) { in.parts.resize(names); }).has_value(), taken);
    const auto entries = given_logs::most_entries + more;
    EXPECT_EQ(beat_with([&](auto& in) { in.parts[0].entries.resize(entries); }).has_value(), taken);
    const auto days = peer_v1::most_days + more;
    const auto with_days = [&](auto& in) { in.parts[0].entries[0].days.resize(days); };
    EXPECT_EQ(beat_with(with_days).has_value(), taken);
    const auto admissions = peer_v1::most_admissions + more;
    EXPECT_EQ(return_with([&](auto& in) { in.admissions.resize(admissions); }).has_value(), taken);
  }
}

}  // namespace
}  // namespace filemint::actors::peer_quota_v1_test
