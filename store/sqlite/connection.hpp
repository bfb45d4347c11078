// A thin layer over SQLite's C interface: connections, statements and transactions that clean up
// after themselves. Errors are store_full where there is no room, otherwise store_failed, with
// SQLite's own words. Values are always bound, never part of a statement's text, so that no error
// text can tell one.
#pragma once

#include "core/result.hpp"
#include "store/database.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace filemint::store::sqlite {

// The row that a statement stands on. Views are valid until it steps on. Columns count from 0.
class row final : public filemint::store::row {
public:
  explicit row(sqlite3_stmt* statement) noexcept : statement_(statement) {}

  [[nodiscard]] bool is_null(int column) const noexcept override;
  [[nodiscard]] std::int64_t integer(int column) const noexcept override;
  [[nodiscard]] std::string_view text(int column) const noexcept override;
  [[nodiscard]] blob bytes(int column) const noexcept override;

private:
  sqlite3_stmt* statement_;
};

// A prepared statement. Thread safety: its connection's.
class statement {
public:
  // Parameters count from 1. They must outlive the run: they are bound without a copy.
  void bind(int parameter, const value& bound) noexcept;

  // True: there is a row to look at. Resets the statement when there is none.
  [[nodiscard]] result<bool> step();
  [[nodiscard]] row current() const noexcept { return row(handle_.get()); }
  // Ends the run and forgets the parameters.
  void reset() noexcept;

private:
  friend class connection;
  struct finalize {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
  };
  explicit statement(sqlite3_stmt* handle) noexcept : handle_(handle) {}

  std::unique_ptr<sqlite3_stmt, finalize> handle_;
};

// Thread safety: one thread at a time.
class connection {
public:
  // The file must exist. `busy`: how long a statement waits for another process's lock.
  [[nodiscard]] static result<connection> open(const std::filesystem::path& file,
                                               std::chrono::milliseconds busy);

  // Any number of statements without parameters or rows.
  [[nodiscard]] result<void> execute(const char* script);
  [[nodiscard]] result<statement> prepare(std::string_view sql);

  // Runs one statement, without looking at rows.
  template <class... Values>
  [[nodiscard]] result<void> run(std::string_view sql, const Values&... values) {
    return each(sql, [](const row&) {}, values...);
  }

  // Calls visit(row) for each row.
  template <class Visit, class... Values>
  [[nodiscard]] result<void> each(std::string_view sql, Visit&& visit, const Values&... values) {
    auto prepared = prepare(sql);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    int parameter = 0;
    (prepared->bind(++parameter, value(values)), ...);
    for (;;) {
      const auto more = prepared->step();
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      visit(prepared->current());
    }
  }

  // How many rows the last INSERT, UPDATE or DELETE touched.
  [[nodiscard]] int changes() const noexcept { return sqlite3_changes(handle_.get()); }

private:
  struct close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  explicit connection(sqlite3* handle) noexcept : handle_(handle) {}

  std::unique_ptr<sqlite3, close> handle_;
};

}  // namespace filemint::store::sqlite
