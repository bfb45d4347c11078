// What a store's statements run on: one connection to one database, SQLite's or PostgreSQL's. The
// statements are written once, in what both take: parameters $1, $2, … in the order in which they
// first appear, ON CONFLICT, RETURNING, CASE. What differs is a function here. Values are always
// bound, so that no error text can tell one.
#pragma once

#include "core/result.hpp"
#include "store/value.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace filemint::store {

// A row of a result, while it is visited. Columns count from 0.
class row {
public:
  [[nodiscard]] virtual bool is_null(int column) const noexcept = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const noexcept = 0;
  [[nodiscard]] virtual std::string_view text(int column) const noexcept = 0;
  [[nodiscard]] virtual blob bytes(int column) const noexcept = 0;

protected:
  ~row() = default;
};

// Tells cheaply whether the database may have changed since an earlier look.
struct sighting {
  std::uint64_t life = 0;     // another one: another history, whatever its numbers say
  std::uint64_t version = 0;  // the same one in the same life: nothing has changed
  friend bool operator==(const sighting&, const sighting&) = default;
};

enum class access : std::uint8_t {
  read,    // sees one state of the database throughout
  change,  // keeps others' changes out, so that they are numbered in the order of their commits
  counts,  // writes what is no change, and keeps other such writers out
  schema,  // keeps out others who would take a step of the schema
};

// Errors of all functions: store_failed, store_full; a database that can be away also
// service_unavailable; one that has a form for text also invalid_argument. Thread safety: one
// thread at a time.
class database {
public:
  using visitor = std::function<void(const row&)>;
  virtual ~database() = default;

  // Runs one statement; gives how many rows it changed (of a SELECT: nothing that counts).
  // `visit` runs no other.
  [[nodiscard]] virtual result<std::uint64_t> execute(std::string_view sql,
                                                      std::span<const value> values,
                                                      const visitor& visit) = 0;

  [[nodiscard]] result<void> run(std::string_view sql, std::span<const value> values) {
    auto done = execute(sql, values, [](const row&) {});
    if (!done) return std::unexpected(std::move(done.error()));
    changed_ = *done;
    return {};
  }
  template <class... Values>
  [[nodiscard]] result<void> run(std::string_view sql, const Values&... values) {
    const value bound[] = {value(values)..., value()};  // an array of none is not allowed
    return run(sql, std::span(bound).first(sizeof...(values)));
  }
  // How many rows the last `run` changed.
  [[nodiscard]] std::uint64_t changed() const noexcept { return changed_; }

  template <class... Values>
  [[nodiscard]] result<void> each(std::string_view sql, const visitor& visit,
                                  const Values&... values) {
    const value bound[] = {value(values)..., value()};
    auto done = execute(sql, std::span(bound).first(sizeof...(values)), visit);
    if (!done) return std::unexpected(std::move(done.error()));
    return {};
  }
  // The first column of the first row, a number. Nothing: no row.
  template <class... Values>
  [[nodiscard]] result<std::optional<std::int64_t>> number(std::string_view sql,
                                                           const Values&... values) {
    std::optional<std::int64_t> found;
    auto done = each(
        sql,
        [&](const row& r) {
          if (!found) found = r.integer(0);
        },
        values...);
    if (!done) return std::unexpected(std::move(done.error()));
    return found;
  }

  // A transaction, see below.
  [[nodiscard]] virtual result<void> begin(access what) = 0;
  [[nodiscard]] virtual result<void> commit() = 0;
  virtual void roll_back() noexcept = 0;

  // Outside a transaction: finds out whether another database has taken this one's place.
  [[nodiscard]] virtual result<void> refresh() = 0;
  [[nodiscard]] virtual result<sighting> look() = 0;
  // In a transaction that changes something: whoever waits for changes is to be told of it.
  [[nodiscard]] virtual result<void> tell_followers() = 0;
  // At most that long, until it is told of a change, or until `wake_fd` can be read.
  virtual void await_change(std::chrono::milliseconds most, int wake_fd) noexcept = 0;

  // The schema, see store/migration.hpp: how many steps of it this binary knows, whether the first
  // is yet to be taken (conflict: it is another program's database), and statements without
  // parameters or rows.
  [[nodiscard]] virtual std::size_t known_steps() const noexcept = 0;
  [[nodiscard]] virtual result<bool> is_empty() = 0;
  [[nodiscard]] virtual result<void> run_script(const char* script) = 0;

  // Around very many rows, outside a transaction.
  [[nodiscard]] virtual result<void> expect_many_rows() { return {}; }
  virtual void end_many_rows() noexcept {}

private:
  std::uint64_t changed_ = 0;
};

// From begin to commit; rolled back when it goes without one.
class transaction {
public:
  [[nodiscard]] static result<transaction> begin(database& on, access what) {
    auto begun = on.begin(what);
    if (!begun) return std::unexpected(std::move(begun.error()));
    return transaction(on);
  }
  transaction(transaction&& other) noexcept : on_(std::exchange(other.on_, nullptr)) {}
  transaction& operator=(transaction&&) = delete;
  ~transaction() {
    if (on_ != nullptr) on_->roll_back();
  }
  [[nodiscard]] result<void> commit() {
    auto done = on_->commit();
    if (done) on_ = nullptr;
    return done;
  }

private:
  explicit transaction(database& on) noexcept : on_(&on) {}
  database* on_;
};

}  // namespace filemint::store
