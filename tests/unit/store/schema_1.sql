-- A store as schema 1 wrote it. Never changed: it stands for the files of that time.
PRAGMA application_id = 0x666d696e;
CREATE TABLE meta (
  one            INTEGER PRIMARY KEY CHECK (one = 1),
  schema_version INTEGER NOT NULL,
  min_reader     INTEGER NOT NULL,
  store_id       TEXT NOT NULL,
  change_number  INTEGER NOT NULL,
  log_floor      INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 1, 1, '00112233445566778899aabbccddeeff', 5, 0);
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
INSERT INTO company VALUES ('co_xyz', 0, 0, 1767225600);
INSERT INTO company_grant VALUES ('co_xyz', 'magikarp', 'uploads/co_xyz', 1767225600);
INSERT INTO api_key VALUES ('abcdefABCDEF', 'co_xyz', zeroblob(32), 7, NULL, 1767225600, NULL);
INSERT INTO api_key VALUES ('revokedABCDE', 'co_xyz', zeroblob(32), 7, NULL, 1767225600, 1767225700);
INSERT INTO signing_key VALUES ('k1', 'magikarp', 'HS256', 'active', CAST('sealed' AS BLOB), 1767225600, 1767225600, NULL);
INSERT INTO change_log VALUES (1, 'company', 'co_xyz'), (2, 'company', 'co_xyz'), (3, 'api_key', 'abcdefABCDEF'),
  (4, 'api_key', 'revokedABCDE'), (5, 'signing_key', 'k1');
