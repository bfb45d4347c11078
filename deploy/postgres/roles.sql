-- Once, by the server's administrator (psql -f roles.sql postgres). Two roles: filemint_owner owns the schema and takes
-- its steps at an upgrade; filemint_node is what nodes and the CLI log in as every day. Passwords are set with
-- \password, so that no file and no log holds one.
CREATE ROLE filemint_owner LOGIN;
CREATE ROLE filemint_node LOGIN;
CREATE DATABASE filemint OWNER filemint_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE filemint FROM PUBLIC;
GRANT CONNECT ON DATABASE filemint TO filemint_node;
