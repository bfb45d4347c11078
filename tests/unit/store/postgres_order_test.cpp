#include "store/postgres/migrations.hpp"
#include "store/postgres/open.hpp"
#include "tests/unit/store/fixture.hpp"

#include <functional>
#include <future>
#include <optional>
#include <thread>
#include <vector>

namespace filemint::store::postgres_order_test {
namespace {

using namespace std::chrono_literals;

// A change that has begun, and one of another process that comes meanwhile.
class TwoChanges : public ::testing::Test {
protected:
  TwoChanges() { open().reset(); }
  [[nodiscard]] std::unique_ptr<store> open() const { return good(open_postgres(in_->conninfo())); }
  void begin(access what = access::change) {
    change_.emplace(good(transaction::begin(*slow_, what)));
  }
  void add_slowly(std::string_view company) {
    good(
        slow_->run("INSERT INTO company (id, suspended, window_limit, created_at)"
                   " VALUES ($1, 0, 0, 0)",
                   company));
  }
  // Until the other one waits for the first.
  [[nodiscard]] std::future<result<void>> meanwhile(std::function<result<void>()> change) {
    auto other = std::async(std::launch::async, std::move(change));
    const auto waits = [&] {
      return in_->number(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND wait_event_type = 'Lock'") == 1;
    };
    for (int i = 0; i < 400 && !waits(); ++i) std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(waits()) << "a change must wait for one that is underway";
    return other;
  }
  void commit() {
    good(change_->commit());
    change_.reset();
  }

  const std::unique_ptr<postgres_backing> in_ = make_postgres_backing();
  const std::unique_ptr<store> node_ = open();
  const std::unique_ptr<store> cli_ = open();
  const std::unique_ptr<database> slow_ = in_->connect();
  std::optional<transaction> change_;
};

// Were the lower number committed after the higher one, a node would never ask for it.
TEST_F(TwoChanges, AreNumberedInTheOrderOfTheirCommits) {
  const auto known = good(node_->load({})).at;
  begin();
  add_slowly("co_slow");
  good(slow_->run("UPDATE meta SET change_number = change_number + 1"));
  good(slow_->run("INSERT INTO change_log SELECT change_number, 'company', 'co_slow' FROM meta"));
  auto other = meanwhile([&] { return cli_->add_company(company_named("co_quick")); });
  EXPECT_EQ(good(node_->changes_since(known))->at, known);
  commit();
  good(other.get());
  const auto seen = good(node_->changes_since(known)).value();
  EXPECT_EQ(seen.at.number, known.number + 2);
  ASSERT_EQ(seen.companies.size(), 2u);
  EXPECT_EQ(seen.companies[1].id, "co_slow");
}

// Were it checked before it waits, the second would meet what it has not seen.
TEST_F(TwoChanges, AreCheckedOneAfterTheOther) {
  begin();
  auto other = meanwhile([&] { return cli_->add_company(company_named("co_x")); });
  add_slowly("co_x");
  commit();
  EXPECT_EQ(code_of(other.get()), errc::conflict);
}

// Three nodes start at once after an upgrade.
TEST_F(TwoChanges, OfTheSchemaAreTakenOnce) {
  const auto known = postgres::known_migrations();
  std::vector<migration> steps(known.begin(), known.end());
  steps.push_back({"ALTER TABLE company ADD COLUMN note text", 1});
  const auto quick = in_->connect();
  begin(access::schema);
  auto other = meanwhile([&] { return migrate(*quick, steps); });
  good(slow_->run_script(steps.back().script));
  good(slow_->run("UPDATE meta SET schema_version = schema_version + 1"));
  commit();
  good(other.get());
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"),
            static_cast<std::int64_t>(steps.size()));
}

}  // namespace
}  // namespace filemint::store::postgres_order_test
