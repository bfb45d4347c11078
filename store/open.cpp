#include "store/open.hpp"

#include "core/config/secret_reference.hpp"
#include "store/postgres/open.hpp"
#include "store/sqlite/open.hpp"

#include <utility>

namespace filemint::store {
namespace {

result<std::unique_ptr<store>> open_referenced(const std::string& reference) {
  const auto about = [&](error what) {
    what.message = "store.postgres (" + reference + "): " + what.message;
    return std::unexpected(std::move(what));
  };
  const auto conninfo = read_secret(reference);
  if (!conninfo) return about(conninfo.error());
  auto opened = open_postgres(conninfo->reveal());
  if (!opened) return about(std::move(opened.error()));
  return opened;
}

}  // namespace

result<std::unique_ptr<store>> open_store(const store_config& where, role as,
                                          when_missing missing) {
  if (!where.postgres.empty()) return open_referenced(where.postgres);
  return open_sqlite(where.path,
                     {.create = missing == when_missing::create, .as_node = as == role::node});
}

}  // namespace filemint::store
