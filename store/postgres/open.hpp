// The store on a PostgreSQL server.
#pragma once

#include "store/store.hpp"

#include <memory>
#include <string_view>

namespace filemint::store {

// `conninfo` is libpq's: a URL or "key=value …". Errors: those of postgres::database::open.
[[nodiscard]] result<std::unique_ptr<store>> open_postgres(std::string_view conninfo);

}  // namespace filemint::store
