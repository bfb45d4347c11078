// How changes in a PostgreSQL store reach those who follow it.
#include "store/follower.hpp"
#include "store/postgres/open.hpp"
#include "tests/unit/store/fixture.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace filemint::store::postgres_follower_test {
namespace {

using namespace std::chrono_literals;

class PostgresFollower : public ::testing::Test {
protected:
  PostgresFollower() { good(cli_->add_company(company_named("co_x"))); }
  [[nodiscard]] std::unique_ptr<store> open() const { return good(open_postgres(in_->conninfo())); }
  // The first snapshot; from then on it follows.
  snapshot_ptr follow(std::chrono::milliseconds poll_interval) {
    follower_ = std::make_unique<follower>(
        open(), poll_interval,
        [](const signing_key_row&) -> result<signing_key_ptr> { return fail(errc::wrong_key); },
        follower_hooks{.publish = [this](const snapshot_ptr& fresh) {
          const std::scoped_lock lock(mutex_);
          last_ = fresh;
          changed_.notify_all();
        }});
    return good(follower_->start());
  }
  bool sees(std::uint64_t change, std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return last_ && last_->change == change; });
  }
  // Its first poll comes after it has begun to listen.
  void await_poll() {
    const auto polled = [&] {
      return in_->number(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND pid <> pg_backend_pid() AND state = 'idle'"
                 " AND query LIKE '%pg_postmaster_start_time%'") != 0;
    };
    for (int i = 0; i < 1'000 && !polled(); ++i) std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(polled());
  }

  const std::unique_ptr<postgres_backing> in_ = make_postgres_backing();
  const std::unique_ptr<store> cli_ = open();
  std::mutex mutex_;
  std::condition_variable changed_;
  snapshot_ptr last_;
  std::unique_ptr<follower> follower_;
};

// The interval is an hour: what comes has come by a notice.
TEST_F(PostgresFollower, IsToldOfAChangeLongBeforeItsNextPoll) {
  const auto first = follow(1h);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    good(cli_->add_key(key_numbered(n, "co_x")));
    EXPECT_TRUE(sees(first->change + n, 10s)) << "change " << n;
  }
}

TEST_F(PostgresFollower, SeesAChangeWhoseNoticeIsLostWithinASecond) {
  const auto first = follow(250ms);
  await_poll();
  const auto quiet = in_->connect();
  {
    auto change = good(transaction::begin(*quiet, access::change));
    good(quiet->run("UPDATE company SET suspended = 1"));
    good(quiet->run("UPDATE meta SET change_number = change_number + 1"));
    good(quiet->run("INSERT INTO change_log SELECT change_number, 'company', 'co_x' FROM meta"));
    good(change.commit());
  }
  EXPECT_TRUE(sees(first->change + 1, 1s));
}

TEST_F(PostgresFollower, IsToldAgainAfterItsConnectionWasLost) {
  const auto first = follow(1h);
  await_poll();
  in_->take_away();
  for (int i = 0; i < 2'000 && follower_->reads_store(); ++i) std::this_thread::sleep_for(5ms);
  EXPECT_FALSE(follower_->reads_store());
  const auto age = follower_->age(mono_clock::now());
  in_->bring_back();
  for (int i = 0; i < 2'000 && !follower_->reads_store(); ++i) std::this_thread::sleep_for(5ms);
  await_poll();
  good(cli_->add_key(key_numbered(1, "co_x")));
  EXPECT_TRUE(sees(first->change + 1, 10s));
  EXPECT_TRUE(follower_->reads_store());
  EXPECT_GT(age, 0s);
}

TEST_F(PostgresFollower, LoadsAnewWhenAnOlderCopyIsRestored) {
  in_->back_up();
  good(cli_->add_company(company_named("co_lost")));
  const auto first = follow(250ms);
  EXPECT_NE(first->people.find_company("co_lost"), nullptr);
  in_->restore();
  EXPECT_TRUE(sees(first->change - 1, 10s));
  EXPECT_TRUE(last_->people.find_company("co_lost")->suspended);
  EXPECT_FALSE(last_->people.find_company("co_x")->suspended);
}

TEST_F(PostgresFollower, StopsAtOnceWhileItWaitsForANotice) {
  follow(1h);
  await_poll();
  const auto began = mono_clock::now();
  follower_->stop();
  EXPECT_LT(mono_clock::now() - began, 10s);
}

}  // namespace
}  // namespace filemint::store::postgres_follower_test
