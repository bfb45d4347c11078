#include "store/postgres/open.hpp"

#include "store/postgres/database.hpp"
#include "store/sql_store.hpp"

#include <utility>

namespace filemint::store {

result<std::unique_ptr<store>> open_postgres(std::string_view conninfo) {
  auto db = postgres::database::open(conninfo);
  if (!db) return std::unexpected(std::move(db.error()));
  return std::make_unique<sql_store>(std::move(*db));
}

}  // namespace filemint::store
