// Changes that reach a node through another one, since it can't read the store itself.
#include "tests/unit/store/change_passing.hpp"

namespace filemint::store::change_passing_test {
namespace {

FOR_EACH_STORE(ChangePassing);

TEST_P(ChangePassing, BringsAllThatHasChanged) {
  cut_b();
  const auto before = b_.known();
  change_everything();
  ASSERT_TRUE(a_sees_all());
  auto told = ask();
  EXPECT_FALSE(told.whole);
  EXPECT_TRUE(b_.reads->take(std::move(told)));
  expect_same_known();
  EXPECT_EQ(before->people.key_count(), 1u);
  EXPECT_EQ(b_.known()->people.find_key(key_id(1)), nullptr);
  // Nothing more: it is as up to date as a.
  told = ask();
  EXPECT_EQ(told.rows.at, told.since);
  EXPECT_TRUE(told.rows.keys.empty());
}

TEST_P(ChangePassing, BringsEverythingInPartsWhereTheChangesAreNotKept) {
  cut_b();
  change_everything();
  std::vector<key_row> many;
  for (std::uint64_t i = 10; i < 3'010; ++i) many.push_back(key_numbered(i, "co_y"));
  good(cli_->insert_keys(many));
  ASSERT_TRUE(a_sees_all());
  int parts = 0;
  auto told = ask(&parts);
  EXPECT_TRUE(told.whole);
  EXPECT_EQ(told.rows.keys.size(), 3'001u) << "each once";
  EXPECT_GT(parts, 3);
  EXPECT_LT(parts, 8);
  EXPECT_TRUE(b_.reads->take(std::move(told)));
  expect_same_known();
  // From there on by steps again.
  good(cli_->revoke_key(key_id(11), at(1'500)));
  ASSERT_TRUE(a_sees_all());
  told = ask();
  EXPECT_FALSE(told.whole);
  EXPECT_TRUE(b_.reads->take(std::move(told)));
  expect_same_known();
}

TEST_P(ChangePassing, CutsLongStepsIntoPartsToo) {
  cut_b();
  for (int i = 0; i < 60; ++i) {
    const auto name = "co_" + std::to_string(i);
    good(cli_->add_company(company_named(name)));
    for (const auto* source : {"magikarp", "betaimages"}) {
      good(cli_->add_grant({name, source, std::string(900, 'p'), at(1'000)}));
    }
  }
  for (std::uint64_t i = 10; i < 30; ++i) good(cli_->add_key(key_numbered(i, "co_1")));
  ASSERT_TRUE(a_sees_all());
  b_.reads.reset();  // so that steps are few enough
  b_.way->cut(false);
  start(b_);
  cut_b();
  for (int i = 0; i < 60; ++i) good(cli_->set_suspended("co_" + std::to_string(i), true));
  for (std::uint64_t i = 10; i < 30; ++i) good(cli_->revoke_key(key_id(i), at(1'500)));
  ASSERT_TRUE(a_sees_all());
  int parts = 0;
  auto told = ask(&parts);
  EXPECT_FALSE(told.whole);
  EXPECT_EQ(parts, 2);
  EXPECT_TRUE(b_.reads->take(std::move(told)));
  expect_same_known();
}

TEST_P(ChangePassing, GoesOnInWhateverListAPartHasEnded) {
  cut_b();
  for (int i = 0; i < 90; ++i) {
    good(cli_->revoke_tokens({.kind = revocation_kind::path,
                              .source = "magikarp",
                              .value = std::string(900, 'p') + std::to_string(i),
                              .at = at(2'000)}));
  }
  ASSERT_TRUE(a_sees_all());
  int parts = 0;
  auto told = ask(&parts);
  EXPECT_EQ(parts, 2);
  EXPECT_TRUE(b_.reads->take(std::move(told)));
  expect_same_known();
}

TEST_P(ChangePassing, TellsNothingOfAnotherStoreNorOfTheFuture) {
  auto asked = question();
  asked.known.store_id = "another";
  EXPECT_EQ(code_of(tell("b", asked)), errc::conflict);
  asked = question();
  asked.known.number += 1;
  EXPECT_EQ(code_of(teller_->tell("b", asked, mono_clock::now())), errc::service_unavailable);
  asked.known.life += 1;
  EXPECT_TRUE(good(tell("b", asked)).whole) << "another history";
}

TEST_P(ChangePassing, TellsNothingWhenItDoesNotReadTheStoreItself) {
  cut_b();
  a_.way->cut(true);
  const auto late = a_.reads->last_own_read() + 40ms;
  const auto told = good(tell("b", question(), late));
  EXPECT_EQ(told.age, 40ms);
  EXPECT_EQ(code_of(teller_->tell("b", question(), late + 1ms)), errc::service_unavailable);
}

TEST_P(ChangePassing, TellsPartsInTheirOrderAndForAWhile) {
  auto asked = question();
  asked.part = 1;
  EXPECT_EQ(code_of(teller_->tell("b", asked, mono_clock::now())), errc::service_unavailable);
  asked.known.life += 1;
  asked.part = 0;
  std::vector<key_row> many;
  for (std::uint64_t i = 10; i < 2'010; ++i) many.push_back(key_numbered(i, "co_x"));
  good(cli_->insert_keys(many));
  ASSERT_TRUE(a_sees_all());
  const auto now = mono_clock::now();
  EXPECT_FALSE(good(tell("b", asked)).last);
  EXPECT_FALSE(good(tell("c", asked)).last) << "each has an answer of its own";
  asked.part = 2;
  EXPECT_EQ(code_of(teller_->tell("b", asked, now)), errc::service_unavailable);
  asked.part = 1;
  EXPECT_FALSE(good(teller_->tell("b", asked, now)).last);
  EXPECT_EQ(code_of(teller_->tell("b", asked, now)), errc::service_unavailable);
  EXPECT_FALSE(good(teller_->tell("c", asked, now + 10s)).last);
  asked.part = 2;
  EXPECT_EQ(code_of(teller_->tell("c", asked, now + 21s)), errc::service_unavailable);
}

TEST_P(ChangePassing, TakesNothingThatDoesNotGoOnFromWhatIsKnown) {
  cut_b();
  good(cli_->revoke_key(key_id(1), at(1'500)));
  ASSERT_TRUE(a_sees_all());
  const auto told = ask();
  const auto refused = [&](auto change) {
    auto other = told;
    change(other);
    return !b_.reads->take(std::move(other)) && b_.known()->people.find_key(key_id(1)) != nullptr;
  };
  EXPECT_TRUE(refused([&](auto& t) { t.since.number -= 1; }));
  EXPECT_TRUE(refused([&](auto& t) { t.as_of = b_.reads->last_read(); })) << "older than a read";
  EXPECT_TRUE(refused([&](auto& t) { t.rows.at.store_id = "another"; }));
  EXPECT_TRUE(refused([&](auto& t) { t.rows.at.life += 1; }));
  EXPECT_TRUE(refused([&](auto& t) { t.rows.at.number = t.since.number - 1; }));
  EXPECT_TRUE(b_.reads->take(told));
  EXPECT_EQ(b_.reads->last_read(), told.as_of);
  EXPECT_LT(b_.reads->last_own_read(), told.as_of);
  EXPECT_FALSE(b_.reads->reads_store());
  EXPECT_EQ(b_.known()->people.find_key(key_id(1)), nullptr);
}

// b reads, and what it has read is held up on its way; meanwhile a tells b more.
TEST_P(ChangePassing, IsNotUndoneByAReadThatCameLate) {
  b_.way->hold();
  b_.way->await_reader();
  good(cli_->set_suspended("co_x", true));
  b_.way->let_one_go();
  b_.way->await_reader();  // has read that, and no more
  good(cli_->set_suspended("co_x", false));
  good(cli_->revoke_key(key_id(1), at(1'500)));
  ASSERT_TRUE(a_sees_all());
  EXPECT_TRUE(b_.reads->take(ask()));
  EXPECT_EQ(b_.known()->people.find_key(key_id(1)), nullptr);
  const auto read = b_.reads->last_own_read();
  b_.way->let_go();
  EXPECT_TRUE(happens([&] { return b_.reads->last_own_read() > read; }));
  EXPECT_EQ(b_.known()->people.find_key(key_id(1)), nullptr);
  EXPECT_EQ(b_.steps_back, 0);
  good(cli_->add_key(key_numbered(2, "co_x")));
  EXPECT_TRUE(happens([&] { return b_.known()->people.find_key(key_id(2)) != nullptr; }));
  ASSERT_TRUE(a_sees_all());
  expect_same_known();
}

TEST_P(ChangePassing, KeepsRevocationsThatTheOtherDoesNotKnow) {
  good(cli_->revoke_tokens({.kind = revocation_kind::company, .value = "co_x", .at = at(2'000)}));
  ASSERT_TRUE(a_sees_all());
  ASSERT_TRUE(sees(b_, a_.known()->change));
  cut_b();
  auto told = ask();
  told.whole = true;  // as from a copy that was restored
  told.rows.signing_keys.emplace();
  EXPECT_TRUE(b_.reads->take(told));
  EXPECT_EQ(b_.known()->revoked.size(), 1u);
  EXPECT_EQ(b_.known()->people.key_count(), 0u);
  EXPECT_TRUE(b_.known()->people.find_company("co_x")->suspended);
  EXPECT_TRUE(b_.known()->signing.empty());
}

// While versions are mixed, an older node tells of a key that it can't name.
TEST_P(ChangePassing, ReadsAnewWhatItsTellerDidNotKnow) {
  cut_b();
  good(cli_->insert_signing_key(signing_key_named("k2")));
  ASSERT_TRUE(a_sees_all());
  auto told = ask();
  for (auto& row : *told.rows.signing_keys) row.algorithm.reset();
  EXPECT_TRUE(b_.reads->take(std::move(told)));
  ASSERT_EQ(b_.known()->change, good(cli_->change_number()));
  EXPECT_EQ(b_.known()->signing.at("magikarp").entries().size(), 1u);
  EXPECT_EQ(b_.known()->signing.at("magikarp").active()->kid(), "k1") << "known before";
  b_.way->cut(false);
  EXPECT_TRUE(happens([&] { return b_.known()->signing.at("magikarp").entries().size() == 2; }));
}

}  // namespace
}  // namespace filemint::store::change_passing_test
