// The store in one SQLite file: the embedded default.
#pragma once

#include "store/sqlite/database.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <memory>

namespace filemint::store {

// Errors: those of sqlite::database::open.
[[nodiscard]] result<std::unique_ptr<store>> open_sqlite(const std::filesystem::path& path,
                                                         const sqlite::options& asked);

}  // namespace filemint::store
