// What only the PostgreSQL store has: a server that can be away, silent, full or another one.
#include "store/postgres/database.hpp"
#include "store/postgres/open.hpp"
#include "tests/unit/store/fixture.hpp"
#include "tests/unit/store/postgres_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

namespace filemint::store::postgres_test {
namespace {

using namespace std::chrono_literals;

class PostgresStore : public ::testing::Test {
protected:
  [[nodiscard]] std::unique_ptr<store> open() const { return good(open_postgres(in_->conninfo())); }
  [[nodiscard]] std::string file(const char* name) const {
    return postgres_server().folder + "/" + name;
  }
  static bool holds(const error& told, std::string_view text) {
    return told.message.find(text) != std::string::npos;
  }

  const std::unique_ptr<postgres_backing> in_ = make_postgres_backing();
};

TEST_F(PostgresStore, NeedsAConnectionStringAndDoesNotRepeatOne) {
  for (const auto* text : {"passwrd=hunter2 host", "postgresql://u:hunter2@h/d?hunter2=1",
                           "host='hunter2", "hunter2"}) {
    const auto refused = open_postgres(text);
    EXPECT_EQ(code_of(refused), errc::invalid_argument) << text;
    EXPECT_FALSE(holds(refused.error(), "hunter2")) << refused.error().message;
  }
}

TEST_F(PostgresStore, NeverTellsAPassword) {
  const auto refused = open_postgres(in_->tcp_conninfo() + " password=hunter2");
  EXPECT_EQ(code_of(refused), errc::service_unavailable);
  EXPECT_TRUE(holds(refused.error(), "password authentication failed"));
  EXPECT_FALSE(holds(refused.error(), "hunter2"));
  // Where libpq repeats what it was given, it is cleared away.
  const auto nowhere = open_postgres("host=hunter2.invalid password=hunter2");
  EXPECT_EQ(code_of(nowhere), errc::service_unavailable);
  EXPECT_FALSE(holds(nowhere.error(), "hunter2")) << nowhere.error().message;
  EXPECT_EQ(nowhere.error().message.find('\n'), std::string::npos);
}

TEST_F(PostgresStore, ChecksTheServersCertificateAndName) {
  const auto with = [&](const std::string& more) {
    return open_postgres(in_->tcp_conninfo() + " sslmode=verify-full " + more);
  };
  good(with("sslrootcert=" + file("ca.pem")));
  const auto wrong_ca = with("sslrootcert=" + file("other_ca.pem"));
  EXPECT_EQ(code_of(wrong_ca), errc::service_unavailable);
  EXPECT_TRUE(holds(wrong_ca.error(), "certificate verify failed")) << wrong_ca.error().message;
  const auto wrong_name = with("host=elsewhere sslrootcert=" + file("ca.pem"));
  EXPECT_EQ(code_of(wrong_name), errc::service_unavailable);
  EXPECT_TRUE(holds(wrong_name.error(), "does not match host name")) << wrong_name.error().message;
}

// A network that swallows everything looks like this: a connection, and never a byte.
TEST_F(PostgresStore, GivesUpAServerThatIsSilent) {
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&where), size), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  ASSERT_EQ(::getsockname(listening, reinterpret_cast<sockaddr*>(&where), &size), 0);
  const auto refused = open_postgres("host=127.0.0.1 user=x connect_timeout=2 port=" +
                                     std::to_string(ntohs(where.sin_port)));
  EXPECT_EQ(code_of(refused), errc::service_unavailable);
  EXPECT_TRUE(holds(refused.error(), "timeout")) << refused.error().message;
  ::close(listening);
}

TEST_F(PostgresStore, GivesUpAStatementThatIsNotAnswered) {
  const auto to = good(postgres::conninfo::parse(in_->conninfo()));
  auto on = good(postgres::connection::open(to));
  on.set_silence(200ms);
  const auto refused = on.run_script("SELECT pg_sleep(60)");
  EXPECT_EQ(code_of(refused), errc::service_unavailable);
  EXPECT_TRUE(holds(refused.error(), "does not answer"));
  EXPECT_FALSE(on.is_open());
}

TEST_F(PostgresStore, ConnectsAnewAfterALoss) {
  const auto held = open();
  good(held->add_company(company_named("co_x")));
  in_->take_away();
  EXPECT_EQ(code_of(held->list_companies()), errc::service_unavailable);
  EXPECT_EQ(code_of(held->set_suspended("co_x", true)), errc::service_unavailable);
  in_->bring_back();
  good(held->set_suspended("co_x", true));
  EXPECT_TRUE(good(held->list_companies()).at(0).suspended);
}

TEST_F(PostgresStore, GoesOnOutsideNoTransactionWhenItIsLostInside) {
  open().reset();
  const auto db = in_->connect();
  {
    auto change = good(transaction::begin(*db, access::change));
    in_->tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()");
    EXPECT_FALSE(db->run("UPDATE meta SET change_number = 1"));
    EXPECT_FALSE(db->run("UPDATE meta SET change_number = 2")) << "on another connection";
    EXPECT_FALSE(change.commit());
  }
  good(db->run("UPDATE meta SET change_number = 3"));
  EXPECT_EQ(in_->number("SELECT change_number FROM meta"), 3);
}

TEST_F(PostgresStore, SaysWhenItIsFull) {
  const auto held = open();
  in_->tamper(
      "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;"
      "CREATE TRIGGER no_room BEFORE INSERT ON company EXECUTE FUNCTION no_room()");
  const auto refused = held->add_company(company_named("co_x"));
  EXPECT_EQ(code_of(refused), errc::store_full);
  EXPECT_TRUE(holds(refused.error(), "no room is left"));
  in_->tamper("DROP TRIGGER no_room ON company");
  good(held->add_company(company_named("co_x")));
}

TEST_F(PostgresStore, IsMadeOnceByManyWhoOpenItAtOnce) {
  std::vector<std::string> problems(8);
  {
    std::vector<std::jthread> nodes;
    for (auto& problem : problems) {
      nodes.emplace_back([&] {
        const auto opened = open_postgres(in_->conninfo());
        if (!opened) problem = opened.error().message;
      });
    }
  }
  for (const auto& problem : problems) EXPECT_EQ(problem, "");
}

TEST_F(PostgresStore, RefusesTheSchemaOfAnotherProgramAndLeavesItAlone) {
  in_->tamper("CREATE SCHEMA filemint; CREATE TABLE filemint.theirs (x int)");
  EXPECT_EQ(code_of(open_postgres(in_->conninfo())), errc::conflict);
  EXPECT_EQ(in_->number("SELECT count(*) FROM pg_class WHERE relnamespace ="
                        " to_regnamespace('filemint')"),
            1);
}

TEST_F(PostgresStore, TakesTextThatIsNotUtf8AsNobodysName) {
  const auto held = open();
  EXPECT_EQ(code_of(held->set_suspended("co_\xff", true)), errc::invalid_argument);
  good(held->add_company(company_named("co_x")));
  good(held->add_grant({"co_x", "magikarp", "up\xffloads", at(9)}));
  EXPECT_EQ(good(held->list_grants("co_x")).at(0).prefix, "up\xffloads") << "paths are bytes";
}

// With what deploy/postgres/node_grants.sql gives.
TEST_F(PostgresStore, WorksForARoleThatMayDoNoMoreThanItMust) {
  open().reset();
  std::ifstream file(FILEMINT_SOURCE_DIR "/deploy/postgres/node_grants.sql");
  const std::string grants((std::istreambuf_iterator<char>(file)), {});
  ASSERT_FALSE(grants.empty());
  in_->tamper(
      "DO $$ BEGIN IF to_regrole('filemint_node') IS NULL THEN"
      " CREATE ROLE filemint_node LOGIN; END IF; END $$");
  in_->tamper(grants.c_str());
  const auto as_node = in_->conninfo() + " user=filemint_node";
  const auto node = good(open_postgres(as_node));
  good(node->add_company(company_named("co_x")));
  good(node->set_suspended("co_x", false));
  good(node->set_company_limits("co_x", {.calls = 7}));
  good(node->add_grant({"co_x", "magikarp", "a", at(9)}));
  good(node->remove_grant("co_x", "magikarp", "a"));
  good(node->add_key(key_numbered(1, "co_x")));
  good(node->set_key_throttle(key_id(1), {.rate = 3}));
  good(node->revoke_key(key_id(1), at(2'000)));
  good(node->insert_signing_key(signing_key_named("k1")));
  good(node->activate_signing_key({.kid = "k1", .at = at(2'000)}));
  good(node->reseal_signing_keys([](const auto&) -> result<std::string> { return "anew"; }));
  good(node->note_token_life("magikarp", 60s));
  good(node->revoke_tokens({.kind = revocation_kind::company, .value = "co_x", .at = at(9)}));
  good(node->put_key_days(std::vector<key_day>{{key_id(1), day_count{}}}));
  good(node->load_key_days(std::chrono::sys_days{}));
  good(node->announce_node({"a", "1", at(1), at(1)}));
  good(node->node_said_goodbye("a", at(2)));
  EXPECT_TRUE(good(node->changes_since(good(node->load({})).at)));

  postgres::database db(good(postgres::conninfo::parse(as_node)));
  for (const auto* script :
       {"DROP SCHEMA filemint CASCADE", "DROP TABLE company", "TRUNCATE company",
        "DELETE FROM company", "DELETE FROM api_key", "DELETE FROM meta",
        "ALTER TABLE company ADD COLUMN x int", "CREATE TABLE filemint.theirs (x int)",
        "UPDATE api_key SET secret_hash = secret_hash", "CREATE ROLE other"}) {
    const auto refused = db.run_script(script);
    EXPECT_EQ(code_of(refused), errc::store_failed) << script;
    EXPECT_TRUE(holds(refused.error(), "permission denied") ||
                holds(refused.error(), "must be owner"))
        << script << ": " << refused.error().message;
  }
}

TEST_F(PostgresStore, IsLoadedAnewWhenAnOlderCopyIsRestored) {
  auto node = open();
  good(node->add_company(company_named("co_x")));
  in_->back_up();
  good(node->add_company(company_named("co_lost")));
  const auto all = good(node->load({}));
  in_->restore();
  good(open()->add_company(company_named("co_kept")));
  EXPECT_FALSE(good(node->changes_since(all.at))) << "the same number for other changes";
  const auto again = good(node->load(all.people));
  EXPECT_EQ(again.at.number, all.at.number);
  EXPECT_NE(again.at.life, all.at.life);
  EXPECT_TRUE(again.people.find_company("co_lost")->suspended);
  EXPECT_FALSE(again.people.find_company("co_kept")->suspended);
}

}  // namespace
}  // namespace filemint::store::postgres_test
