// What a test's store is in: a database of its own, SQLite's or PostgreSQL's, and what only
// somebody beside the store could do to it.
#pragma once

#include "store/database.hpp"
#include "store/migration.hpp"
#include "store/open.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>

namespace filemint::store {

enum class backing_kind : std::uint8_t { sqlite, postgres };

void PrintTo(backing_kind kind, std::ostream* out);

class backing {
public:
  virtual ~backing() = default;
  // The error of a store that is away.
  [[nodiscard]] virtual errc away_code() const = 0;

  // Made when there is none yet. Throws when it can't be.
  [[nodiscard]] virtual std::unique_ptr<store> open(role as) = 0;
  // For what the store itself never does.
  void tamper(const char* script);
  [[nodiscard]] std::int64_t number(const char* sql);
  // Where open() was not called yet, and connect() is to find a database without a schema.
  virtual void make_empty() {}
  // A further connection, which migrates nothing.
  [[nodiscard]] virtual std::unique_ptr<database> connect() = 0;
  [[nodiscard]] virtual std::span<const migration> known_migrations() const = 0;
  // Nobody can reach it any more, or again.
  virtual void take_away() = 0;
  virtual void bring_back() = 0;
  // Another store in its place, which `fill` has made its own.
  virtual void replace(void (*fill)(store&)) = 0;
};

[[nodiscard]] std::unique_ptr<backing> make_backing(backing_kind kind);

[[nodiscard]] std::unique_ptr<backing> make_sqlite_backing();

// With a database of its own on the run's server, which is dropped in the end.
class postgres_backing : public backing {
public:
  // To that database, as the superuser by the unix socket.
  [[nodiscard]] virtual std::string conninfo() const = 0;
  // The same by TCP: what a client without the machine's trust needs.
  [[nodiscard]] virtual std::string tcp_conninfo() const = 0;
  // A copy of it, and the copy in its place; both end all connections.
  virtual void back_up() = 0;
  virtual void restore() = 0;
};
[[nodiscard]] std::unique_ptr<postgres_backing> make_postgres_backing();

}  // namespace filemint::store
