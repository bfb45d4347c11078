#include "core/sealed_key.hpp"
#include "core/signing_key.hpp"
#include "store/migration.hpp"
#include "store/sql_rows.hpp"
#include "tests/unit/store/fixture.hpp"

#include <thread>
#include <vector>

namespace filemint::store::migrations_test {
namespace {

class Migrations : public store_test {
protected:
  result<std::unique_ptr<store>> attempt() {
    try {
      return open();
    } catch (const store_error& refused) {
      return std::unexpected(refused.why);
    }
  }
  std::vector<migration> one_more(const char* script, int min_reader) const {
    const auto known = in_->known_migrations();
    std::vector<migration> steps(known.begin(), known.end());
    steps.push_back({script, min_reader});
    return steps;
  }
  const std::unique_ptr<database> db_ = [this] {
    open().reset();
    return in_->connect();
  }();
};

FOR_EACH_STORE(Migrations);

TEST_P(Migrations, KeepWhatTheStoreHeld) {
  good(open()->add_company(company_named("co_x")));
  const auto next = static_cast<int>(in_->known_migrations().size()) + 1;
  const auto steps =
      one_more("ALTER TABLE company ADD COLUMN note TEXT NOT NULL DEFAULT 'x'", next);
  good(migrate(*db_, steps));
  EXPECT_EQ(in_->number("SELECT count(*) FROM company WHERE note = 'x'"), 1);
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"), next);
  EXPECT_EQ(in_->number("SELECT min_reader FROM meta"), next);
  good(migrate(*db_, steps));  // once is enough
  EXPECT_EQ(code_of(migrate(*db_, in_->known_migrations())), errc::store_too_new);
}

TEST_P(Migrations, AreUndoneAsAWholeWhenTheyFail) {
  const auto steps = one_more("CREATE TABLE halfway (x INTEGER); SELECT no_such_function();", 2);
  EXPECT_EQ(code_of(migrate(*db_, steps)), errc::store_failed);
  good(migrate(*db_, one_more("CREATE TABLE halfway (x INTEGER)", 1)));
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"),
            static_cast<std::int64_t>(steps.size()));
  good(open()->add_company(company_named("co_x")));
}

TEST_P(Migrations, AreTakenOnceByManyWhoStartAtOnce) {
  const auto steps = one_more("ALTER TABLE company ADD COLUMN note TEXT", 1);
  std::vector<std::unique_ptr<database>> nodes;
  std::vector<result<void>> outcomes(5, fail(errc::store_failed, "it did not run"));
  for (std::size_t i = 0; i < outcomes.size(); ++i) nodes.push_back(in_->connect());
  {
    std::vector<std::jthread> starting;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      starting.emplace_back([&, i] { outcomes[i] = migrate(*nodes[i], steps); });
    }
  }
  for (const auto& each : outcomes) EXPECT_TRUE(each) << each.error().message;
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"),
            static_cast<std::int64_t>(steps.size()));
}

TEST_P(Migrations, RefuseAStoreThatAsksForANewerBinary) {
  tamper("UPDATE meta SET schema_version = 9, min_reader = 8");
  const auto refused = attempt();
  EXPECT_EQ(code_of(refused), errc::store_too_new);
  EXPECT_NE(refused.error().message.find("newer filemint"), std::string::npos);
}

TEST_P(Migrations, LeaveANewerSchemaThatAllowsItAlone) {
  good(open()->add_company(company_named("co_x")));
  tamper("UPDATE meta SET schema_version = 9; ALTER TABLE company ADD COLUMN later TEXT");
  EXPECT_EQ(good(open()->list_companies()).size(), 1u);
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"), 9);
}

TEST_P(Migrations, TellARunningNodeWhenTheSchemaLeavesItBehind) {
  const auto node = open(role::node);
  const auto known = good(node->load({})).at;
  tamper("UPDATE meta SET min_reader = 8");
  EXPECT_EQ(code_of(node->changes_since(known)), errc::store_too_new);
}

// The last step before signing keys of any algorithm was the last but one.
class KeysOfAnOlderSchema : public store_test {
protected:
  KeysOfAnOlderSchema() {
    in_->make_empty();
    const auto db = in_->connect();
    good(migrate(*db, in_->known_migrations().first(older_ - 1)));
    put(*db, token_algorithm::hs256, "h", "active");
    put(*db, token_algorithm::eddsa, "e", "prepared");
    put(*db, token_algorithm::hs256, "r", "retiring");
  }
  void put(database& db, token_algorithm algorithm, const char* kid, const char* state) {
    const auto& key = keys_.emplace_back(good(signing_key::generate(algorithm, "magikarp", kid)));
    const bool retires = state == std::string_view("retiring");
    good(db.run("INSERT INTO signing_key VALUES ($1, 'magikarp', $2, $3, $4, 1000, NULL, $5)", kid,
                jose_name(algorithm), state, blob_of(seal(master_, *key)),
                retires ? std::optional<std::int64_t>(9'000) : std::nullopt));
  }
  static std::string signature_of(const signing_key& key, std::string_view message) {
    const auto text = [](const auto& bytes) {
      return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    return key.hmac() != nullptr ? text(key.hmac()->mac(message))
                                 : text(key.ed25519()->sign(message));
  }

  // The step that lets in any algorithm: the fifth of SQLite's, the second of PostgreSQL's.
  const std::size_t older_ = GetParam() == backing_kind::sqlite ? 5 : 2;
  const master_key master_ = master_key::generate();
  std::vector<signing_key_ptr> keys_;
};

FOR_EACH_STORE(KeysOfAnOlderSchema);

TEST_P(KeysOfAnOlderSchema, OpenAndSignAfterwards) {
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"), static_cast<std::int64_t>(older_ - 1));
  const auto store = open(role::node);
  EXPECT_EQ(in_->number("SELECT schema_version FROM meta"),
            static_cast<std::int64_t>(in_->known_migrations().size()));
  const auto rows = good(store->load({})).signing_keys;
  ASSERT_EQ(rows.size(), 3u);
  for (const auto& row : rows) {
    const auto former = std::ranges::find(keys_, row.kid, &signing_key::kid);
    ASSERT_NE(former, keys_.end());
    const auto key = good(unseal(master_, row.algorithm.value(), row.source, row.kid, row.sealed));
    EXPECT_TRUE((*former)->verify("a token", signature_of(*key, "a token"))) << row.kid;
    EXPECT_EQ(row.retire_at, row.kid == "r" ? std::optional(at(9'000)) : std::nullopt);
  }
  auto added = signing_key_named("p");
  added.algorithm = token_algorithm::es256;
  good(store->insert_signing_key(added));
  added = signing_key_named("second", "magikarp", key_state::active);
  EXPECT_EQ(code_of(store->insert_signing_key(added)), errc::conflict) << "one is active a source";
  good(store->activate_signing_key({.kid = "e", .at = at(2'000)}));
}

}  // namespace
}  // namespace filemint::store::migrations_test
