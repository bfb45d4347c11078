#include "store/follower.hpp"

#include "core/sealed_key.hpp"
#include "core/signing_key.hpp"
#include "tests/unit/store/fixture.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace filemint::store::follower_test {
namespace {

using namespace std::chrono_literals;

// What the follower has told, and a way to wait for it.
class inbox {
public:
  follower_hooks hooks() {
    return {.publish = [this](snapshot_ptr s) { put([&] { last_ = std::move(s); }); },
            .report = [this](const error& e) { put([&] { reports_.push_back(e); }); }};
  }
  template <class Change>
  void put(Change change) {
    const std::scoped_lock lock(mutex_);
    change();
    changed_.notify_all();
  }
  snapshot_ptr await(const std::function<bool(const snapshot&)>& wanted) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, 30s, [&] { return last_ && wanted(*last_); });
    EXPECT_TRUE(came) << "no such snapshot was published";
    return last_;
  }
  std::vector<error> await_reports(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 30s, [&] { return reports_.size() >= count; }));
    return reports_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  snapshot_ptr last_;
  std::vector<error> reports_;
};

class Follower : public store_test {
protected:
  Follower() {
    good(cli_->add_company(company_named("co_x")));
    good(cli_->add_key(key_numbered(1, "co_x")));
    good(cli_->insert_signing_key(sealed_key("k1", key_state::active)));
  }
  signing_key_row sealed_key(std::string kid, key_state state = key_state::prepared) {
    auto row = signing_key_named(kid, "magikarp", state);
    row.sealed = seal(*master_, *good(signing_key::generate(*row.algorithm, row.source, kid)));
    return row;
  }
  static unseal_function unseal_with(std::shared_ptr<const master_key> master) {
    return [master = std::move(master)](const signing_key_row& row) {
      return unseal(*master, row.algorithm.value(), row.source, row.kid, row.sealed);
    };
  }
  static std::shared_ptr<const master_key> new_master() {
    return std::make_shared<const master_key>(master_key::generate());
  }
  void rotate_to(const master_key& next) {
    good(cli_->reseal_signing_keys([&](const signing_key_row& row) -> result<std::string> {
      return seal(next, *good(unseal(*master_, *row.algorithm, row.source, row.kid, row.sealed)));
    }));
  }
  result<void> reload(std::shared_ptr<const master_key> master) {
    std::optional<result<void>> told;
    std::mutex mutex;
    std::condition_variable done;
    follower_->reload(unseal_with(std::move(master)), [&](result<void> outcome) {
      const std::scoped_lock lock(mutex);
      told = std::move(outcome);
      done.notify_all();
    });
    std::unique_lock lock(mutex);
    EXPECT_TRUE(done.wait_for(lock, 30s, [&] { return told.has_value(); }));
    return told.value();
  }
  void make_follower(std::chrono::milliseconds interval = 1ms) {
    auto hooks = inbox_.hooks();
    hooks.now = [this] { return at(clock_); };
    follower_ = std::make_unique<follower>(open(role::node), interval, unseal_with(master_),
                                           std::move(hooks));
  }
  static auto has_change(std::uint64_t number) {
    return [number](const snapshot& s) { return s.change == number; };
  }

  std::shared_ptr<const master_key> master_ = new_master();
  std::unique_ptr<store> cli_ = open();
  inbox inbox_;
  std::atomic<std::int64_t> clock_{1'000};  // Unix seconds
  std::unique_ptr<follower> follower_;
};

FOR_EACH_STORE(Follower);

TEST_P(Follower, StartsWithEverything) {
  make_follower();
  const auto first = good(follower_->start());
  EXPECT_NE(first->people.find_key(key_id(1)), nullptr);
  ASSERT_NE(first->signing.find("magikarp"), first->signing.end());
  EXPECT_EQ(first->signing.at("magikarp").active()->kid(), "k1");
  EXPECT_EQ(first->change, good(cli_->change_number()));
  EXPECT_FALSE(follower_->last_error());
}

TEST_P(Follower, PublishesWhatAnotherProcessChanged) {
  make_follower();
  const auto first = good(follower_->start());
  good(cli_->add_company(company_named("co_y")));
  good(cli_->add_key(key_numbered(2, "co_y")));
  good(cli_->revoke_key(key_id(1), at(2'000)));
  good(cli_->set_suspended("co_x", true));
  good(cli_->insert_signing_key(sealed_key("k2")));
  const auto seen = inbox_.await(has_change(first->change + 5));
  EXPECT_EQ(seen->people.find_key(key_id(1)), nullptr);
  const auto* key = seen->people.find_key(key_id(2));
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(seen->people.company_of(*key).id, "co_y");
  EXPECT_TRUE(seen->people.find_company("co_x")->suspended);
  EXPECT_EQ(seen->signing.at("magikarp").entries().size(), 2u);
  EXPECT_EQ(seen->signing.at("magikarp").active(), first->signing.at("magikarp").active())
      << "a key that did not change is not unsealed again";
  EXPECT_NE(first->people.find_key(key_id(1)), nullptr) << "the former snapshot stays as it was";
}

TEST_P(Follower, LoadsAnewAfterAGap) {
  make_follower();
  good(follower_->start());
  std::vector<key_row> many;
  for (std::uint64_t i = 10; i < 1'011; ++i) many.push_back(key_numbered(i, "co_x"));
  good(cli_->insert_keys(many));
  EXPECT_EQ(inbox_.await(has_change(good(cli_->change_number())))->people.key_count(), 1'002u);
}

TEST_P(Follower, LoadsAnewFromAnotherStoreUnderTheSameName) {
  make_follower();
  good(follower_->start());
  cli_.reset();
  in_->replace([](store& other) {
    good(other.add_company(company_named("co_other")));
    good(other.add_key(key_numbered(9, "co_other")));
  });
  const auto seen =
      inbox_.await([](const snapshot& s) { return s.people.find_key(key_id(9)) != nullptr; });
  EXPECT_EQ(seen->people.find_key(key_id(1)), nullptr);
  EXPECT_TRUE(seen->people.find_company("co_x")->suspended);
  EXPECT_TRUE(seen->signing.empty());
}

TEST_P(Follower, KeepsItsSnapshotWhileTheStoreIsAway) {
  make_follower();
  const auto first = good(follower_->start());
  in_->take_away();
  EXPECT_EQ(inbox_.await_reports(1).at(0).code, in_->away_code());
  const auto failure = follower_->last_error();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, in_->away_code());
  const auto now = mono_clock::now();
  EXPECT_EQ(follower_->age(now + 7s) - follower_->age(now), 7s);

  in_->bring_back();
  good(cli_->add_key(key_numbered(2, "co_x")));
  EXPECT_EQ(inbox_.await(has_change(first->change + 1))->people.key_count(), 2u);
  EXPECT_FALSE(follower_->last_error());
  EXPECT_EQ(inbox_.await_reports(1).size(), 1u) << "a failure is told once";
}

TEST_P(Follower, RefusesToStartWithAnotherMasterKey) {
  master_ = new_master();
  make_follower();
  const auto refused = follower_->start();
  EXPECT_EQ(code_of(refused), errc::wrong_key);
  EXPECT_NE(refused.error().message.find("k1"), std::string::npos);
}

TEST_P(Follower, RefusesToStartWithoutItsStore) {
  make_follower();
  in_->take_away();
  EXPECT_EQ(code_of(follower_->start()), in_->away_code());
}

TEST_P(Follower, TakesARotatedMasterKeyAtReload) {
  make_follower();
  const auto first = good(follower_->start());
  const auto next = new_master();
  rotate_to(*next);
  const auto between = inbox_.await(has_change(first->change + 1));
  EXPECT_EQ(inbox_.await_reports(1).at(0).code, errc::wrong_key);
  EXPECT_EQ(between->signing.at("magikarp").active(), first->signing.at("magikarp").active())
      << "the key goes on as it was unsealed before";
  EXPECT_TRUE(follower_->last_error());

  EXPECT_EQ(code_of(reload(new_master())), errc::wrong_key);
  EXPECT_TRUE(follower_->last_error());
  good(reload(next));
  EXPECT_FALSE(follower_->last_error());
  master_ = next;
  good(cli_->insert_signing_key(sealed_key("k2")));
  const auto last = inbox_.await(has_change(first->change + 2));
  EXPECT_EQ(last->signing.at("magikarp").entries().size(), 2u);
}

TEST_P(Follower, KeepsTheFormerMasterKeyWhenAReloadFails) {
  make_follower();
  const auto first = good(follower_->start());
  EXPECT_EQ(code_of(reload(new_master())), errc::wrong_key);
  EXPECT_FALSE(follower_->last_error());
  good(cli_->insert_signing_key(sealed_key("k2")));
  const auto seen = inbox_.await(has_change(first->change + 1));
  EXPECT_EQ(seen->signing.at("magikarp").entries().size(), 2u);
}

TEST_P(Follower, LeavesOutAKeyThatItNeverCouldUnseal) {
  make_follower();
  const auto first = good(follower_->start());
  good(cli_->insert_signing_key(signing_key_named("garbage")));
  const auto seen = inbox_.await(has_change(first->change + 1));
  EXPECT_EQ(seen->signing.at("magikarp").entries().size(), 1u);
  good(cli_->retire_signing_key("garbage", at(2'000), false));
  inbox_.await(has_change(first->change + 2));
  EXPECT_FALSE(follower_->last_error());
}

TEST_P(Follower, PassesOverAKeyOfAnUnknownAlgorithm) {
  tamper(
      "INSERT INTO signing_key SELECT 'newer', source, 'ES512', 'prepared', sealed, created_at,"
      " NULL, NULL FROM signing_key WHERE kid = 'k1'");
  make_follower();
  const auto first = good(follower_->start());
  EXPECT_EQ(first->signing.at("magikarp").entries().size(), 1u);
  EXPECT_EQ(inbox_.await_reports(1).at(0).message,
            "the signing key newer of magikarp is of an algorithm, ES512, that this version of"
            " filemint does not know: here it neither signs nor verifies tokens");
  EXPECT_FALSE(follower_->last_error()) << "the rest is as it should be";
  good(reload(master_));
  tamper("UPDATE signing_key SET kid = 'newest' WHERE kid = 'newer'");
  good(cli_->insert_signing_key(sealed_key("k2")));
  const auto seen = inbox_.await(has_change(first->change + 1));
  EXPECT_EQ(seen->signing.at("magikarp").entries().size(), 2u);
  EXPECT_TRUE(inbox_.await_reports(2).at(1).message.starts_with("the signing key newest "));
}

TEST_P(Follower, StopsAtOnceHoweverLongItsInterval) {
  make_follower(std::chrono::hours(1));
  good(follower_->start());
  follower_->stop();
  follower_->stop();
  EXPECT_EQ(code_of(reload(master_)), errc::service_unavailable);
}

TEST_P(Follower, ReloadsWithoutWaitingForTheNextPoll) {
  make_follower(std::chrono::hours(1));
  const auto first = good(follower_->start());
  good(cli_->add_key(key_numbered(2, "co_x")));
  good(reload(master_));
  EXPECT_EQ(inbox_.await(has_change(first->change + 1))->people.key_count(), 2u);
}

token_marks token_of(std::string_view company, std::int64_t issued_at) {
  return {.jti = "j",
          .key_id = "keykeykey001",
          .company = company,
          .source = "magikarp",
          .path = "a",
          .issued_at = at(issued_at)};
}

revocation_order company_order(std::int64_t seconds) {
  return {.kind = revocation_kind::company, .value = "co_x", .at = at(seconds)};
}

TEST_P(Follower, KnowsWhatIsRevokedFromTheStartAndWhatComesAfter) {
  good(cli_->revoke_tokens(company_order(2'000)));
  clock_ = 2'000;
  make_follower();
  const auto first = good(follower_->start());
  EXPECT_TRUE(first->revoked.end(token_of("co_x", 2'000)));
  EXPECT_FALSE(first->revoked.end(token_of("co_x", 2'001)));
  good(cli_->revoke_tokens(company_order(3'000)));
  const auto seen = inbox_.await(has_change(first->change + 1));
  EXPECT_TRUE(seen->revoked.end(token_of("co_x", 3'000)));
}

TEST_P(Follower, ForgetsWhatNoTokenNeedsAnyMore) {
  good(cli_->note_token_life("magikarp", 60s));
  good(cli_->revoke_tokens(company_order(2'000)));
  clock_ = 2'059;
  make_follower();
  EXPECT_EQ(good(follower_->start())->revoked.size(), 1u);
  clock_ = 2'120;
  inbox_.await([](const snapshot& s) { return s.revoked.size() == 0; });
}

TEST_P(Follower, KeepsWhatIsRevokedWhenAnOlderCopyIsRestored) {
  clock_ = 2'000;
  make_follower();
  const auto first = good(follower_->start());
  good(cli_->revoke_tokens(company_order(2'000)));
  inbox_.await(has_change(first->change + 1));
  tamper("DELETE FROM revocation; UPDATE meta SET change_number = change_number - 1");
  EXPECT_TRUE(inbox_.await(has_change(first->change))->revoked.end(token_of("co_x", 2'000)));
}

}  // namespace
}  // namespace filemint::store::follower_test
