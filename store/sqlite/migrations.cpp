#include "store/sqlite/migrations.hpp"

#include <array>

namespace filemint::store::sqlite {
namespace {

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

// A binary that knows no nodes announces none, and does no harm.
constexpr const char* nodes_step = R"(
CREATE TABLE node (
  name       TEXT PRIMARY KEY,
  version    TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  left_at    INTEGER
) STRICT, WITHOUT ROWID;
)";

// Which algorithms there are is the binaries' to know, so stores without ES256 are as they were for
// all. Binaries pass over keys that they can't use; those from before this step neither start nor
// read their master key anew while such a key stands: whoever replaces them one by one configures
// es256 after the last.
constexpr const char* algorithms_step = R"(
CREATE TABLE wider_signing_key (
  kid          TEXT PRIMARY KEY,
  source       TEXT NOT NULL,
  algorithm    TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('prepared', 'active', 'retiring')),
  sealed       BLOB NOT NULL,
  created_at   INTEGER NOT NULL,
  activated_at INTEGER,
  retire_at    INTEGER CHECK ((retire_at IS NOT NULL) = (state = 'retiring'))
) STRICT, WITHOUT ROWID;
INSERT INTO wider_signing_key
  SELECT kid, source, algorithm, state, sealed, created_at, activated_at, retire_at FROM signing_key;
DROP TABLE signing_key;
ALTER TABLE wider_signing_key RENAME TO signing_key;
CREATE UNIQUE INDEX signing_key_active ON signing_key (source) WHERE state = 'active';
)";

constexpr std::array steps{migration{step_1, 1}, migration{limits_step, 2},
                           migration{revocations_step, 3}, migration{nodes_step, 3},
                           migration{algorithms_step, 3}};

}  // namespace

std::span<const migration> known_migrations() noexcept {
  return steps;
}

}  // namespace filemint::store::sqlite
