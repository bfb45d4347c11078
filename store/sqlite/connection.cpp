#include "store/sqlite/connection.hpp"

#include <cerrno>

namespace filemint::store::sqlite {
namespace {

// What the system said, as far as that is known: of a commit's failure SQLite keeps nothing, and
// the thread still has it.
int system_error(sqlite3* handle, int left) noexcept {
  if (sqlite3_errcode(handle) != SQLITE_IOERR) return 0;
  if (sqlite3_extended_errcode(handle) == SQLITE_IOERR_WRITE) return left;
  return sqlite3_system_errno(handle);
}

std::unexpected<error> failure(sqlite3* handle) {
  const int system = system_error(handle, errno);
  const int code = sqlite3_errcode(handle);
  if (system == EFBIG) {
    return fail(errc::store_full, "the store is full: the limit of a file's size is reached");
  }
  const bool full = code == SQLITE_FULL || system == ENOSPC || system == EDQUOT ||
                    sqlite3_extended_errcode(handle) == SQLITE_IOERR_SHMSIZE;
  if (full) return fail(errc::store_full, "the store is full: no room is left on its disk");
  if (code == SQLITE_BUSY) {
    return fail(errc::store_failed, "the store is busy: another process is writing to it");
  }
  return fail(errc::store_failed, std::string("the store failed: ") + sqlite3_errmsg(handle));
}

}  // namespace

bool row::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t row::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::string_view row::text(int column) const noexcept {
  const auto bytes = sqlite3_column_text(statement_, column);
  const auto size = sqlite3_column_bytes(statement_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

blob row::bytes(int column) const noexcept {
  const auto bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void statement::bind(int parameter, const value& bound) noexcept {
  struct binder {
    sqlite3_stmt* handle;
    int parameter;
    void operator()(std::monostate) const {}  // what is not bound is NULL
    void operator()(std::int64_t number) const { sqlite3_bind_int64(handle, parameter, number); }
    void operator()(std::string_view text) const {
      sqlite3_bind_text64(handle, parameter, text.empty() ? "" : text.data(), text.size(),
                          SQLITE_STATIC, SQLITE_UTF8);
    }
    void operator()(path_text text) const { (*this)(text.bytes); }
    void operator()(blob bytes) const {
      sqlite3_bind_blob64(handle, parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
  };
  std::visit(binder{handle_.get(), parameter}, bound.held());
}

result<bool> statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto what = failure(sqlite3_db_handle(handle_.get()));
  reset();
  return what;
}

void statement::reset() noexcept {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

result<connection> connection::open(const std::filesystem::path& file,
                                    std::chrono::milliseconds busy) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection opened(handle);
  if (handle == nullptr) return fail(errc::store_failed, "the store failed: out of memory");
  if (code != SQLITE_OK) return failure(handle);
  sqlite3_extended_result_codes(handle, 0);
  sqlite3_busy_timeout(handle, static_cast<int>(busy.count()));
  return opened;
}

result<void> connection::execute(const char* script) {
  if (sqlite3_exec(handle_.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure(handle_.get());
  }
  return {};
}

result<statement> connection::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), 0, &handle,
                         nullptr) != SQLITE_OK) {
    return failure(handle_.get());
  }
  return statement(handle);
}

}  // namespace filemint::store::sqlite
