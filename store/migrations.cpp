#include "store/migrations.hpp"

#include <array>
#include <string>

namespace filemint::store {
namespace {

constexpr std::int64_t application_id = 0x666d'696e;  // "fmin"

// change_log holds the changes log_floor + 1 to change_number.
constexpr const char* step_1 = R"(
PRAGMA application_id = 0x666d696e;
CREATE TABLE meta (
  one            INTEGER PRIMARY KEY CHECK (one = 1),
  schema_version INTEGER NOT NULL,
  min_reader     INTEGER NOT NULL,
  store_id       TEXT NOT NULL,
  change_number  INTEGER NOT NULL,
  log_floor      INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0, 0, lower(hex(randomblob(16))), 0, 0);
CREATE TABLE change_log (
  number INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL CHECK (kind IN ('company', 'api_key', 'signing_key')),
  id     TEXT NOT NULL
) STRICT;
CREATE TABLE company (
  id           TEXT PRIMARY KEY,
  suspended    INTEGER NOT NULL CHECK (suspended IN (0, 1)),
  window_limit INTEGER NOT NULL CHECK (window_limit >= 0),
  created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE company_grant (
  company    TEXT NOT NULL REFERENCES company (id),
  source     TEXT NOT NULL,
  prefix     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (company, source, prefix)
) STRICT, WITHOUT ROWID;
CREATE TABLE api_key (
  id          TEXT PRIMARY KEY CHECK (length(id) = 12),
  company     TEXT NOT NULL REFERENCES company (id),
  secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
  scope       INTEGER NOT NULL,
  expires_at  INTEGER,
  created_at  INTEGER NOT NULL,
  revoked_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_by_company ON api_key (company, created_at);
CREATE TABLE signing_key (
  kid          TEXT PRIMARY KEY,
  source       TEXT NOT NULL,
  algorithm    TEXT NOT NULL CHECK (algorithm IN ('HS256', 'EdDSA')),
  state        TEXT NOT NULL CHECK (state IN ('prepared', 'active', 'retiring')),
  sealed       BLOB NOT NULL,
  created_at   INTEGER NOT NULL,
  activated_at INTEGER,
  retire_at    INTEGER CHECK ((retire_at IS NOT NULL) = (state = 'retiring'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX signing_key_active ON signing_key (source) WHERE state = 'active';
)";

// 0: not set; throttle_terms and caller_limits say what stands for "lifted". An older binary would
// let through what is limited now.
constexpr const char* limits_step = R"(
ALTER TABLE company ADD COLUMN token_limit INTEGER NOT NULL DEFAULT 0 CHECK (token_limit >= 0);
ALTER TABLE company ADD COLUMN throttle_per_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE company ADD COLUMN throttle_rate INTEGER NOT NULL DEFAULT 0;
ALTER TABLE company ADD COLUMN throttle_burst INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN throttle_per_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN throttle_rate INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN throttle_burst INTEGER NOT NULL DEFAULT 0;
CREATE TABLE key_day (
  key   TEXT PRIMARY KEY REFERENCES api_key (id),
  day   INTEGER NOT NULL,
  calls INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// A binary that knows no revocations would let revoked tokens pass. Which kinds the log may hold is
// the writers' to know: each new one would have to copy it.
constexpr const char* revocations_step = R"(
CREATE TABLE revocation (
  number       INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('jti', 'key', 'company', 'path', 'prefix')),
  source       TEXT NOT NULL,
  value        TEXT NOT NULL,
  issued_until INTEGER NOT NULL,
  forget_at    INTEGER NOT NULL,
  UNIQUE (kind, source, value)
) STRICT;
CREATE INDEX revocation_by_end ON revocation (forget_at);
CREATE TABLE source_life (
  source  TEXT PRIMARY KEY,
  seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE wider_change_log (
  number INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL,
  id     TEXT NOT NULL
) STRICT;
INSERT INTO wider_change_log SELECT number, kind, id FROM change_log;
DROP TABLE change_log;
ALTER TABLE wider_change_log RENAME TO change_log;
)";

constexpr std::array steps{migration{step_1, 1}, migration{limits_step, 2},
                           migration{revocations_step, 3}};

// How many steps the store has taken; 0: it is empty.
result<std::size_t> steps_taken(sqlite::connection& db, std::size_t known) {
  const auto owner = db.number("PRAGMA application_id");
  if (!owner) return std::unexpected(owner.error());
  const auto tables = db.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  if (**tables == 0) return 0;
  if (**owner != application_id) {
    return fail(errc::conflict, "the file is the database of another program");
  }
  std::int64_t version = 0;
  std::int64_t min_reader = 0;
  auto read = db.each("SELECT schema_version, min_reader FROM meta", [&](sqlite::row meta) {
    version = meta.integer(0);
    min_reader = meta.integer(1);
  });
  if (!read) return std::unexpected(std::move(read.error()));
  if (auto fit = check_min_reader(min_reader, known); !fit) {
    return std::unexpected(std::move(fit.error()));
  }
  return static_cast<std::size_t>(version);
}

// True: a step was taken. Another process may have taken it meanwhile.
result<bool> take_next(sqlite::connection& db, std::span<const migration> known) {
  auto change = sqlite::transaction::begin(db, sqlite::transaction::kind::write);
  if (!change) return std::unexpected(std::move(change.error()));
  const auto taken = steps_taken(db, known.size());
  if (!taken) return std::unexpected(taken.error());
  if (*taken >= known.size()) return false;
  const auto& step = known[*taken];
  if (auto done = db.execute(step.script); !done) return std::unexpected(std::move(done.error()));
  auto noted =
      db.run("UPDATE meta SET schema_version = ?, min_reader = ?", *taken + 1, step.min_reader);
  if (!noted) return std::unexpected(std::move(noted.error()));
  if (auto done = change->commit(); !done) return std::unexpected(std::move(done.error()));
  return true;
}

}  // namespace

std::span<const migration> known_migrations() noexcept {
  return steps;
}

result<void> migrate(sqlite::connection& db, std::span<const migration> known) {
  const auto taken = steps_taken(db, known.size());
  if (!taken) return std::unexpected(taken.error());
  if (*taken >= known.size()) return {};  // without a lock: a reader needs no room on the disk
  for (;;) {
    const auto more = take_next(db, known);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

result<void> check_min_reader(std::int64_t min_reader, std::size_t known) {
  if (min_reader <= static_cast<std::int64_t>(known)) return {};
  return fail(errc::store_too_new,
              "the store was upgraded by a newer filemint (it asks for schema " +
                  std::to_string(min_reader) + ", this one knows " + std::to_string(known) +
                  "): install that version here too");
}

}  // namespace filemint::store
