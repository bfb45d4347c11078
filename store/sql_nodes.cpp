// The nodes that share the store.
#include "store/rules.hpp"
#include "store/sql_rows.hpp"
#include "store/sql_store.hpp"

#include <utility>

namespace filemint::store {

result<void> sql_store::announce_node(const node_row& node) {
  if (auto fit = check(node); !fit) return fit;
  return write(access::counts, [&] {
    return db_->run(
        "INSERT INTO node (name, version, started_at, seen_at, left_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE"
        " SET version = excluded.version, started_at = excluded.started_at,"
        " seen_at = excluded.seen_at, left_at = excluded.left_at",
        node.name, node.version, unix_seconds(node.started_at), unix_seconds(node.seen_at),
        seconds_of(node.left_at));
  });
}

result<void> sql_store::node_said_goodbye(std::string_view name, wall_time at) {
  return write(access::counts, [&]() -> result<void> {
    auto done = db_->run("UPDATE node SET left_at = $1 WHERE name = $2", unix_seconds(at), name);
    if (done && db_->changed() == 0) return fail(errc::not_found, "there is no such node");
    return done;
  });
}

result<std::vector<node_row>> sql_store::list_nodes() {
  std::vector<node_row> rows;
  auto read =
      db_->each("SELECT name, version, started_at, seen_at, left_at FROM node ORDER BY name",
                [&](const row& r) {
                  rows.push_back({.name = std::string(r.text(0)),
                                  .version = std::string(r.text(1)),
                                  .started_at = time_from(r.integer(2)),
                                  .seen_at = time_from(r.integer(3)),
                                  .left_at = time_at(r, 4)});
                });
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

}  // namespace filemint::store
