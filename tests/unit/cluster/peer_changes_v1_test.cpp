// What nodes say of the store's changes: the bytes, what is refused of them, and the way over a
// link.
#include "actors/cluster/peer_changes_v1.hpp"

#include "tests/unit/cluster/wire_bytes.hpp"
#include "tests/unit/cluster/world.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/make_message.hpp>
#include <caf/send.hpp>

#include <future>

namespace filemint::actors::peer_changes_v1_test {
namespace {

wall_time at(std::int64_t seconds) {
  return wall_time{std::chrono::seconds{seconds}};
}

// Something in each member.
store::change_part sample() {
  store::change_part part{.whole = true, .last = false, .age = std::chrono::microseconds{0x0304}};
  auto& rows = part.rows;
  rows.at = {.store_id = "s", .number = 0x0102, .life = 0x1112131415161718};
  std::map<std::string, prefix_set, std::less<>> granted;
  granted.emplace("magikarp", prefix_set({"a", "b"}));
  rows.companies.push_back({.id = "co",
                            .suspended = true,
                            .window_limit = 7,
                            .token_limit = 8,
                            .throttle = {.per_day = 9, .rate = 10, .burst = 11},
                            .granted = grants(std::move(granted))});
  store::key_row key{.id = "abcdefABCDEF",
                     .company = "co",
                     .scope = scope_health,
                     .expires_at = at(0x2122),
                     .throttle = {.per_day = 1, .rate = 2, .burst = 3}};
  key.secret_hash.fill(0xee);
  rows.keys.push_back(key);
  rows.revoked_keys.emplace_back("abcdefABCDEG");
  rows.signing_keys = {{.kid = "k",
                        .source = "magikarp",
                        .algorithm = token_algorithm::eddsa,
                        .state = key_state::retiring,
                        .sealed = "x",
                        .created_at = at(1),
                        .activated_at = at(2),
                        .retire_at = at(3)}};
  rows.revoked.push_back({.kind = revocation_kind::prefix,
                          .source = "magikarp",
                          .value = "p",
                          .issued_until = at(4),
                          .forget_at = at(5)});
  return part;
}

void expect_same(const store::change_part& a, const store::change_part& b) {
  EXPECT_EQ(a.whole, b.whole);
  EXPECT_EQ(a.last, b.last);
  EXPECT_EQ(a.age, b.age);
  EXPECT_EQ(a.rows.at, b.rows.at);
  ASSERT_EQ(b.rows.companies.size(), 1U);
  const auto &company = a.rows.companies[0], &told = b.rows.companies[0];
  EXPECT_EQ(company.id, told.id);
  EXPECT_EQ(company.suspended, told.suspended);
  EXPECT_EQ(company.window_limit, told.window_limit);
  EXPECT_EQ(company.token_limit, told.token_limit);
  EXPECT_EQ(company.throttle, told.throttle);
  EXPECT_EQ(company.granted.on("magikarp")->prefixes(), told.granted.on("magikarp")->prefixes());
  ASSERT_EQ(b.rows.keys.size(), 1U);
  const auto &key = a.rows.keys[0], &other = b.rows.keys[0];
  EXPECT_EQ(key.id, other.id);
  EXPECT_EQ(key.company, other.company);
  EXPECT_EQ(key.secret_hash, other.secret_hash);
  EXPECT_EQ(key.scope, other.scope);
  EXPECT_EQ(key.expires_at, other.expires_at);
  EXPECT_EQ(key.throttle, other.throttle);
  EXPECT_EQ(a.rows.revoked_keys, b.rows.revoked_keys);
  EXPECT_EQ(a.rows.revoked, b.rows.revoked);
  ASSERT_TRUE(b.rows.signing_keys);
  ASSERT_EQ(b.rows.signing_keys->size(), 1U);
  const auto &signing = a.rows.signing_keys->front(), &same = b.rows.signing_keys->front();
  EXPECT_EQ(signing.kid, same.kid);
  EXPECT_EQ(signing.source, same.source);
  EXPECT_EQ(signing.algorithm, same.algorithm);
  EXPECT_EQ(signing.state, same.state);
  EXPECT_EQ(signing.sealed, same.sealed);
  EXPECT_EQ(signing.created_at, same.created_at);
  EXPECT_EQ(signing.activated_at, same.activated_at);
  EXPECT_EQ(signing.retire_at, same.retire_at);
}

class PeerChangesV1 : public testing::wire_test {
protected:
  static errc refused(void (*spoil)(peer_v1::changes_part&)) {
    auto part = peer_v1::to_wire(1, sample());
    spoil(part);
    const auto read = peer_v1::from_wire(part);
    EXPECT_FALSE(read);
    return read ? errc{} : read.error().code;
  }
};

TEST_F(PeerChangesV1, BytesAreTheSameForEver) {
  EXPECT_EQ(sent(caf::make_message(peer_v1::changes_ask{
                .call = 1, .store_id = "s", .number = 2, .life = 3, .part = 4})),
            "<00<00<13@<3c>+fm1.changes<5fask<00<00<00<00<00<00<00<01<01s<00<00<00<00<00<00<00<02"
            "<00<00<00<00<00<00<00<03<00<00<00<04");
  EXPECT_EQ(sent(caf::make_message(peer_v1::changes_unknown{.call = 1})),
            "<00<00<17@<3c>+fm1.changes<5funknown<00<00<00<00<00<00<00<01");
  EXPECT_EQ(sent(caf::make_message(peer_v1::to_wire(1, sample()))),
            "<00<00<14@<3c>+fm1.changes<5fpart<00<00<00<00<00<00<00<01<01s<00<00<00<00<00<00<01"
            "<02<11<12<13<14<15<16<17<18<01<00<00<00<00<00<00<00<03<04<01<02co<01<00<00<00<00<00"
            "<00<00<07<00<00<00<00<00<00<00<08<00<00<00<09<00<0a<00<0b<01<08magikarp<02<02a<2f<02"
            "b<2f<01<0cabcdefABCDEF<02co<20<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee"
            "<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<ee<04<00<00<00<00<00<00<21<22<00<00<00<01<00"
            "<02<00<03<01<0cabcdefABCDEG<01<01<01k<08magikarp<01<02<01x<00<00<00<00<00<00<00<01"
            "<00<00<00<00<00<00<00<02<00<00<00<00<00<00<00<03<01<04<08magikarp<01p<00<00<00<00<00"
            "<00<00<04<00<00<00<00<00<00<00<05");
  store::change_part nothing{.last = true};
  nothing.rows.signing_keys.emplace();
  EXPECT_EQ(sent(caf::make_message(peer_v1::to_wire(1, nothing))),
            "<00<00<14@<3c>+fm1.changes<5fpart<00<00<00<00<00<00<00<01<00"
            "<00<00<00<00<00<00<00<00<00<00<00<00<00<00<00<00"
            "<00<01<00<00<00<00<00<00<00<00<00<00<00<01<00<00");
}

TEST_F(PeerChangesV1, ComeBackAsTheyWere) {
  const auto bytes = bytes_of(caf::make_message(peer_v1::to_wire(1, sample())));
  const auto read = message_of(bytes);
  ASSERT_TRUE(read.match_elements<peer_v1::changes_part>());
  const auto back = peer_v1::from_wire(read.get_as<peer_v1::changes_part>(0));
  ASSERT_TRUE(back) << back.error().message;
  expect_same(sample(), *back);
  auto without = sample();
  without.rows.signing_keys.reset();
  without.rows.keys[0].expires_at.reset();
  const auto other = peer_v1::from_wire(peer_v1::to_wire(1, without));
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->rows.signing_keys) << "unchanged, not none";
  EXPECT_FALSE(other->rows.keys[0].expires_at);
}

TEST_F(PeerChangesV1, EachAlgorithmHasItsNumber) {
  for (const auto& [algorithm, number] : {std::pair{token_algorithm::hs256, 0},
                                          {token_algorithm::eddsa, 1},
                                          {token_algorithm::es256, 2}}) {
    auto told = sample();
    told.rows.signing_keys->front().algorithm = algorithm;
    const auto wire = peer_v1::to_wire(1, told);
    EXPECT_EQ(wire.signing_keys[0].algorithm, number);
    const auto back = peer_v1::from_wire(wire);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->rows.signing_keys->front().algorithm, algorithm);
  }
}

TEST_F(PeerChangesV1, AnAlgorithmMayBeOfALaterVersion) {
  auto wire = peer_v1::to_wire(1, sample());
  for (const auto number : {std::uint8_t{3}, std::uint8_t{255}}) {
    wire.signing_keys[0].algorithm = number;
    const auto back = peer_v1::from_wire(wire);
    ASSERT_TRUE(back);
    EXPECT_FALSE(back->rows.signing_keys->front().algorithm);
    EXPECT_EQ(peer_v1::to_wire(1, *back).signing_keys[0].algorithm, 255) << "told on";
  }
}

TEST_F(PeerChangesV1, WhatNoStoreHoldsIsRefused) {
  using part = peer_v1::changes_part;
  for (auto* spoil :
       {+[](part& p) { p.companies[0].id = "a b"; },
        +[](part& p) { p.companies[0].window_limit = 2'000'000'000; },
        +[](part& p) { p.keys[0].id = "short"; },
        +[](part& p) { p.keys[0].secret_hash.pop_back(); }, +[](part& p) { p.keys[0].scope = 8; },
        +[](part& p) { p.keys[0].limits.rate = 20'000; },
        +[](part& p) { p.signing_keys[0].state = 3; }, +[](part& p) { p.revoked[0].kind = 5; },
        +[](part& p) { p.age_us = ~0ULL; }}) {
    EXPECT_EQ(refused(spoil), errc::invalid_argument);
  }
}

// ---- over a link

class ChangesLinks : public testing::cluster_test {
protected:
  ChangesLinks() {
    a = start("a");
    b = start("b");
    b->tell_changes = [this](const std::string& peer, const store::change_question& asked) {
      ++asked_times;
      asked_by = peer;
      question = asked;
      return answer;
    };
    EXPECT_TRUE(testing::happens(
        [&] { return a->sees("b", peer_state::up) && b->sees("a", peer_state::up); }));
  }
  caf::message ask() {
    const auto kept = std::make_shared<std::promise<result<caf::message>>>();
    const store::change_question asked{.known = {.store_id = "s", .number = 2, .life = 3},
                                       .part = 4};
    caf::anon_send((*a)->peers(),
                   peer_call{.peer = "b",
                             .timeout = std::chrono::seconds{10},
                             .make =
                                 [asked](std::uint64_t call) {
                                   return caf::make_message(peer_v1::to_wire(call, asked));
                                 },
                             .done = [kept](auto got) { kept->set_value(std::move(got)); }});
    auto future = kept->get_future();
    EXPECT_EQ(future.wait_for(testing::generous), std::future_status::ready);
    const auto got = future.get();
    EXPECT_TRUE(got);
    return got ? *got : caf::message{};
  }

  result<store::change_part> answer = sample();
  int asked_times = 0;
  std::string asked_by;
  store::change_question question;
  std::unique_ptr<testing::test_member> a, b;
};

TEST_F(ChangesLinks, AQuestionIsAnsweredAsItWasAsked) {
  const auto got = ask();
  EXPECT_EQ(asked_by, "a");
  EXPECT_EQ(question.known, (store::position{.store_id = "s", .number = 2, .life = 3}));
  EXPECT_EQ(question.part, 4U);
  ASSERT_TRUE(got.match_elements<peer_v1::changes_part>());
  const auto part = peer_v1::from_wire(got.get_as<peer_v1::changes_part>(0));
  ASSERT_TRUE(part);
  expect_same(sample(), *part);
}

TEST_F(ChangesLinks, WhoDoesNotKnowSaysSoAtOnce) {
  answer = fail(errc::service_unavailable);
  EXPECT_TRUE(ask().match_elements<peer_v1::changes_unknown>());
}

TEST_F(ChangesLinks, WhatNoLinkBroughtIsNotAnswered) {
  caf::anon_send(caf::actor_cast<caf::actor>((*b)->peers()),
                 caf::make_message(peer_v1::to_wire(1, store::change_question{})));
  EXPECT_TRUE(ask().match_elements<peer_v1::changes_part>());
  EXPECT_EQ(asked_times, 1);
}

}  // namespace
}  // namespace filemint::actors::peer_changes_v1_test
