// A node that can't read the store asks another one by itself.
#include "store/change_asker.hpp"
#include "tests/unit/store/change_passing.hpp"

namespace filemint::store::change_asking_test {
namespace {

class ChangeAsking : public ChangePassing {
protected:
  ~ChangeAsking() override { asker_.reset(); }
  void start_asking(std::vector<std::string> peers = {"a"}) {
    asker_ = std::make_unique<change_asker>(
        *b_.reads,
        asker_hooks{.peers = [peers] { return peers; },
                    .ask =
                        [this](const std::string& peer, const change_question& asked, auto done) {
                          ++asked_;
                          if (peer == "silent") return;
                          if (peer == "down") return done(fail(errc::service_unavailable, "down"));
                          done(teller_->tell("b", asked, mono_clock::now()));
                        },
                    .told_by = [this](const std::string&) { ++told_; }});
    asker_->start();
  }

  std::atomic<int> asked_{0}, told_{0};
  std::unique_ptr<change_asker> asker_;
};

FOR_EACH_STORE(ChangeAsking);

TEST_P(ChangeAsking, BringsChangesAndMovesTheLastReadOn) {
  start_asking();
  cut_b();
  good(cli_->revoke_key(key_id(1), at(1'500)));
  EXPECT_TRUE(happens([&] { return b_.known()->people.find_key(key_id(1)) == nullptr; }));
  const auto read = b_.reads->last_read();
  const auto own = b_.reads->last_own_read();
  EXPECT_TRUE(happens([&] { return b_.reads->last_read() > read + 200ms; }));
  EXPECT_LE(b_.reads->last_read(), a_.reads->last_own_read()) << "never ahead of the truth";
  EXPECT_EQ(b_.reads->last_own_read(), own);
  b_.way->cut(false);
  EXPECT_TRUE(happens([&] { return b_.reads->reads_store(); }));
  good(cli_->add_key(key_numbered(2, "co_x")));
  EXPECT_TRUE(happens([&] { return b_.known()->people.find_key(key_id(2)) != nullptr; }));
  ASSERT_TRUE(a_sees_all());
  expect_same_known();
}

TEST_P(ChangeAsking, TellsOnceOfAnOutage) {
  start_asking();
  cut_b();
  EXPECT_TRUE(happens([&] { return told_ == 1; }));
  const int asked = asked_;
  EXPECT_TRUE(happens([&] { return asked_ > asked + 5; }));
  EXPECT_EQ(told_, 1);
}

TEST_P(ChangeAsking, TurnsToAnotherWhenOneDoesNotAnswer) {
  start_asking({"down", "silent", "a"});
  cut_b();
  good(cli_->revoke_key(key_id(1), at(1'500)));
  EXPECT_TRUE(happens([&] { return b_.known()->people.find_key(key_id(1)) == nullptr; }));
  // It stays with whoever has answered.
  const auto read = b_.reads->last_read();
  EXPECT_TRUE(happens([&] { return b_.reads->last_read() > read; }));
  EXPECT_LT(mono_clock::now() - b_.reads->last_read(), change_asker::patience);
}

TEST_P(ChangeAsking, AsksNobodyWhileItReadsTheStore) {
  b_.reads.reset();
  start(b_, 500ms);
  start_asking();
  const auto read = b_.reads->last_own_read();
  EXPECT_TRUE(happens([&] { return b_.reads->last_own_read() > read + 1s; }));
  EXPECT_EQ(asked_, 0);
}

TEST_P(ChangeAsking, StopsAtOnceWhileItWaitsForAnAnswer) {
  start_asking({"silent"});
  cut_b();
  EXPECT_TRUE(happens([&] { return asked_ == 1; }));
  const auto began = mono_clock::now();
  asker_->stop();
  EXPECT_LT(mono_clock::now() - began, change_asker::patience / 2);
}

}  // namespace
}  // namespace filemint::store::change_asking_test
