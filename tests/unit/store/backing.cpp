#include "tests/unit/store/backing.hpp"

#include "store/postgres/database.hpp"
#include "store/postgres/migrations.hpp"
#include "store/postgres/open.hpp"
#include "store/sqlite/migrations.hpp"
#include "store/sqlite/open.hpp"
#include "tests/unit/store/fixture.hpp"
#include "tests/unit/store/postgres_server.hpp"

#include <unistd.h>

#include <atomic>
#include <fstream>

namespace filemint::store {
namespace {

class sqlite_backing final : public backing {
public:
  [[nodiscard]] errc away_code() const override { return errc::store_failed; }
  [[nodiscard]] std::unique_ptr<store> open(role as) override {
    return good(open_sqlite(file_, {.create = true, .as_node = as == role::node}));
  }
  void make_empty() override { std::ofstream(file_).flush(); }
  [[nodiscard]] std::unique_ptr<database> connect() override {
    return std::make_unique<sqlite::database>(
        good(sqlite::connection::open(file_, std::chrono::seconds(5))));
  }
  [[nodiscard]] std::span<const migration> known_migrations() const override {
    return sqlite::known_migrations();
  }
  void take_away() override { std::filesystem::rename(file_, away_); }
  void bring_back() override { std::filesystem::rename(away_, file_); }
  void replace(void (*fill)(store&)) override {
    fill(*good(open_sqlite(away_, {.create = true})));
    for (const auto* suffix : {"-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    std::filesystem::rename(away_, file_);
  }

private:
  const temporary_directory directory_;
  const std::filesystem::path file_ = directory_.path() / "filemint.db";
  const std::filesystem::path away_ = directory_.path() / "away.db";
};

class own_database final : public postgres_backing {
public:
  own_database() {
    static std::atomic<int> count{0};
    name_ = "t" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    command("CREATE DATABASE " + name_ + " STRATEGY file_copy");
  }
  ~own_database() override {
    try {
      for (const auto* suffix : {"", "_backup"}) {
        command("DROP DATABASE IF EXISTS " + name_ + suffix + " WITH (FORCE)");
      }
    } catch (const std::exception& problem) {
      ADD_FAILURE() << problem.what();
    }
  }
  [[nodiscard]] errc away_code() const override { return errc::service_unavailable; }
  [[nodiscard]] std::string conninfo() const override {
    const auto& [folder, port] = postgres_server();
    return "host=" + folder + " port=" + port + " user=postgres dbname=" + name_;
  }
  [[nodiscard]] std::string tcp_conninfo() const override {
    return "host=localhost hostaddr=127.0.0.1 user=postgres password=secret port=" +
           postgres_server().port + " dbname=" + name_;
  }
  [[nodiscard]] std::unique_ptr<store> open(role) override {
    return good(open_postgres(conninfo()));
  }
  [[nodiscard]] std::unique_ptr<database> connect() override {
    return std::make_unique<postgres::database>(good(postgres::conninfo::parse(conninfo())));
  }
  [[nodiscard]] std::span<const migration> known_migrations() const override {
    return postgres::known_migrations();
  }
  void take_away() override {
    command("ALTER DATABASE " + name_ + " ALLOW_CONNECTIONS false");
    end_connections();
  }
  void bring_back() override { command("ALTER DATABASE " + name_ + " ALLOW_CONNECTIONS true"); }
  void replace(void (*fill)(store&)) override {
    tamper("DROP SCHEMA filemint CASCADE");
    fill(*open(role::cli));
  }

  void back_up() override {
    end_connections();
    command("CREATE DATABASE " + name_ + "_backup TEMPLATE " + name_ + " STRATEGY file_copy");
  }
  void restore() override {
    command("DROP DATABASE " + name_ + " WITH (FORCE)");
    command("ALTER DATABASE " + name_ + "_backup RENAME TO " + name_);
  }

private:
  // Waits for each to be gone.
  void end_connections() const {
    command("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" +
            name_ + "'");
  }
  static void command(const std::string& sql) {
    const auto& [folder, port] = postgres_server();
    const auto to = good(postgres::conninfo::parse("host=" + folder + " port=" + port +
                                                   " user=postgres dbname=postgres"));
    auto on = good(postgres::connection::open(to));
    good(on.run_script(sql.c_str()));
  }
  std::string name_;
};

}  // namespace

void backing::tamper(const char* script) {
  good(connect()->run_script(script));
}

std::int64_t backing::number(const char* sql) {
  return good(connect()->number(sql)).value();
}

void PrintTo(backing_kind kind, std::ostream* out) {
  *out << (kind == backing_kind::sqlite ? "SQLite" : "PostgreSQL");
}

std::unique_ptr<backing> make_sqlite_backing() {
  return std::make_unique<sqlite_backing>();
}

std::unique_ptr<postgres_backing> make_postgres_backing() {
  return std::make_unique<own_database>();
}

std::unique_ptr<backing> make_backing(backing_kind kind) {
  if (kind == backing_kind::sqlite) return make_sqlite_backing();
  return make_postgres_backing();
}

}  // namespace filemint::store
