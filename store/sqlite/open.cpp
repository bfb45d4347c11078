#include "store/sqlite/open.hpp"

#include "store/sql_store.hpp"

#include <utility>

namespace filemint::store {

result<std::unique_ptr<store>> open_sqlite(const std::filesystem::path& path,
                                           const sqlite::options& asked) {
  auto db = sqlite::database::open(path, asked);
  if (!db) return std::unexpected(std::move(db.error()));
  return std::make_unique<sql_store>(std::move(*db));
}

}  // namespace filemint::store
