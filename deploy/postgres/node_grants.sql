-- By filemint_owner, in the database, once its schema is there and again after an upgrade that has added a table
-- (psql -f node_grants.sql filemint). What it gives is what nodes and the CLI need: no table's definition, no company and
-- no API key can be removed with it, and no key's secret replaced.
GRANT USAGE ON SCHEMA filemint TO filemint_node;
GRANT SELECT ON ALL TABLES IN SCHEMA filemint TO filemint_node;
GRANT UPDATE (change_number, log_floor) ON filemint.meta TO filemint_node;
GRANT INSERT, DELETE ON filemint.change_log, filemint.company_grant TO filemint_node;
GRANT INSERT, UPDATE ON filemint.company, filemint.source_life, filemint.node TO filemint_node;
GRANT INSERT, UPDATE (revoked_at, throttle_per_day, throttle_rate, throttle_burst) ON filemint.api_key TO filemint_node;
GRANT INSERT, UPDATE, DELETE ON filemint.signing_key, filemint.revocation, filemint.key_day TO filemint_node;
