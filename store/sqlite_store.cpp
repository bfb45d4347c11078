#include "store/sqlite_store.hpp"

#include "store/migrations.hpp"
#include "store/rules.hpp"
#include "store/sqlite_rows.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace filemint::store {
namespace {

constexpr std::uint64_t log_length = 10'000;  // changes; a node that is further behind loads anew

// SQLite would make the file with everyone's read permission.
result<void> make_private(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  if (errno == EEXIST) return {};
  return fail(errc::io_failed, std::generic_category().message(errno));
}

error about(const std::filesystem::path& path, error what) {
  what.message = "store " + path.string() + ": " + what.message;
  return what;
}

}  // namespace

result<std::unique_ptr<sqlite_store>> sqlite_store::open(const std::filesystem::path& path,
                                                         const sqlite_options& options) {
  std::error_code unknown;
  // One lock for one file, by whatever name it is opened.
  const auto real = std::filesystem::weakly_canonical(path, unknown);
  const auto& file = unknown ? path : real;
  if (!options.create && !std::filesystem::exists(file, unknown)) {
    return fail(errc::not_found, "there is no store at " + path.string());
  }
  std::optional<node_lock> lock;
  if (options.as == role::node) {
    auto held = node_lock::acquire(file);
    if (!held) return std::unexpected(std::move(held.error()));
    lock.emplace(std::move(*held));
  }
  if (options.create) {
    if (auto made = make_private(file); !made) return std::unexpected(about(path, made.error()));
  }
  auto db = connect(file, options);
  if (!db) return std::unexpected(about(path, std::move(db.error())));
  const auto id = identify(file);
  if (!id) return std::unexpected(about(path, id.error()));
  std::unique_ptr<sqlite_store> opened(
      new sqlite_store(file, options, std::move(lock), std::move(*db)));
  opened->file_ = *id;
  return opened;
}

sqlite_store::sqlite_store(std::filesystem::path path, const sqlite_options& options,
                           std::optional<node_lock> lock, sqlite::connection db)
    : path_(std::move(path)), options_(options), lock_(std::move(lock)), db_(std::move(db)) {}

result<sqlite::connection> sqlite_store::connect(const std::filesystem::path& path,
                                                 const sqlite_options& options) {
  auto db = sqlite::connection::open(path, options.busy);
  if (!db) return db;
  std::string settings =
      "PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA journal_size_limit = 16777216;";
  if (options.max_pages != 0) {
    settings += "PRAGMA max_page_count = " + std::to_string(options.max_pages) + ";";
  }
  if (auto done = db->execute(settings.c_str()); !done) return std::unexpected(done.error());
  // First of all: it tells another program's database, which must be left as it is.
  if (auto done = migrate(*db, known_migrations()); !done) return std::unexpected(done.error());
  std::string mode;
  auto asked = db->each("PRAGMA journal_mode = WAL", [&](sqlite::row r) { mode = r.text(0); });
  if (!asked) return std::unexpected(std::move(asked.error()));
  if (mode != "wal") {
    return fail(errc::store_failed, "its file system can't take SQLite's write-ahead log");
  }
  return db;
}

result<sqlite_store::file_id> sqlite_store::identify(const std::filesystem::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    return fail(errc::store_failed, std::generic_category().message(errno));
  }
  return file_id{status.st_dev, status.st_ino};
}

result<void> sqlite_store::log(std::string_view kind, std::string_view id) {
  if (auto done = db_.run("UPDATE meta SET change_number = change_number + 1,"
                          " log_floor = max(log_floor, change_number + 1 - ?)",
                          log_length);
      !done) {
    return done;
  }
  if (auto done = db_.run("INSERT INTO change_log SELECT change_number, ?, ? FROM meta", kind, id);
      !done) {
    return done;
  }
  return db_.run("DELETE FROM change_log WHERE number <= (SELECT log_floor FROM meta)");
}

// For changes too many to list: whoever follows has to load anew.
result<void> sqlite_store::log_everything() {
  auto done =
      db_.run("UPDATE meta SET change_number = change_number + 1, log_floor = change_number + 1");
  return done ? db_.run("DELETE FROM change_log") : done;
}

result<void> sqlite_store::add_company(const company_row& added) {
  if (auto fit = check(added); !fit) return fit;
  return write([&]() -> result<void> {
    if (find_company(added.id)) {
      return fail(errc::conflict, "there is a company " + added.id + " already");
    }
    auto done = db_.run(
        "INSERT INTO company (id, suspended, window_limit, created_at)"
        " VALUES (?, ?, ?, ?)",
        added.id, added.suspended, added.window_limit, unix_seconds(added.created_at));
    return done ? log("company", added.id) : done;
  });
}

result<std::vector<company_row>> sqlite_store::list_companies() {
  std::vector<company_row> rows;
  auto read = db_.each(select_company + " ORDER BY id",
                       [&](sqlite::row r) { rows.push_back(company_from(r)); });
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<company_row> sqlite_store::find_company(std::string_view id) {
  std::optional<company_row> found;
  auto read = db_.each(
      select_company + " WHERE id = ?", [&](sqlite::row r) { found = company_from(r); }, id);
  if (!read) return std::unexpected(std::move(read.error()));
  if (!found) return fail(errc::not_found, "there is no such company");
  return *std::move(found);
}

result<void> sqlite_store::set_suspended(std::string_view company, bool suspended) {
  return write([&]() -> result<void> {
    const auto known = find_company(company);
    if (!known) return std::unexpected(known.error());
    if (known->suspended == suspended) return {};
    auto done = db_.run("UPDATE company SET suspended = ? WHERE id = ?", suspended, company);
    return done ? log("company", company) : done;
  });
}

result<void> sqlite_store::set_window_limit(std::string_view company, std::uint64_t limit) {
  if (auto fit = check_window_limit(limit); !fit) return fit;
  return write([&]() -> result<void> {
    const auto known = find_company(company);
    if (!known) return std::unexpected(known.error());
    if (known->window_limit == limit) return {};
    auto done = db_.run("UPDATE company SET window_limit = ? WHERE id = ?", limit, company);
    return done ? log("company", company) : done;
  });
}

result<void> sqlite_store::add_grant(const grant_row& added) {
  if (auto fit = check_source(added.source); !fit) return fit;
  const auto prefix = checked_prefix(added.prefix);
  if (!prefix) return std::unexpected(prefix.error());
  return write([&]() -> result<void> {
    if (const auto known = find_company(added.company); !known) {
      return std::unexpected(known.error());
    }
    auto done = db_.run("INSERT OR IGNORE INTO company_grant VALUES (?, ?, ?, ?)", added.company,
                        added.source, *prefix, unix_seconds(added.created_at));
    if (!done) return done;
    if (db_.changes() == 0) return fail(errc::conflict, "this is granted already");
    return log("company", added.company);
  });
}

result<std::vector<grant_row>> sqlite_store::list_grants(std::optional<std::string_view> company) {
  if (company) {
    if (const auto known = find_company(*company); !known) return std::unexpected(known.error());
  }
  std::vector<grant_row> rows;
  auto read = db_.each(
      select_grant + " WHERE ?1 IS NULL OR company = ?1 ORDER BY company, source, prefix",
      [&](sqlite::row r) { rows.push_back(grant_from(r)); }, company);
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<void> sqlite_store::remove_grant(std::string_view company, std::string_view source,
                                        std::string_view prefix) {
  const auto kept = checked_prefix(prefix);
  if (!kept) return std::unexpected(kept.error());
  return write([&]() -> result<void> {
    if (const auto known = find_company(company); !known) return std::unexpected(known.error());
    auto done = db_.run("DELETE FROM company_grant WHERE company = ? AND source = ? AND prefix = ?",
                        company, source, *kept);
    if (!done) return done;
    if (db_.changes() == 0) return fail(errc::not_found, "there is no such grant");
    return log("company", company);
  });
}

}  // namespace filemint::store
