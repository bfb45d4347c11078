#include "store/sqlite/database.hpp"

#include "store/sqlite/migrations.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace filemint::store::sqlite {
namespace {

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

result<std::unique_ptr<database>> database::open(const std::filesystem::path& path,
                                                 const options& asked) {
  std::error_code unknown;
  // One lock for one file, by whatever name it is opened.
  const auto real = std::filesystem::weakly_canonical(path, unknown);
  const auto& file = unknown ? path : real;
  if (!asked.create && !std::filesystem::exists(file, unknown)) {
    return fail(errc::not_found, "there is no store at " + path.string());
  }
  std::optional<node_lock> lock;
  if (asked.as_node) {
    auto held = node_lock::acquire(file);
    if (!held) return std::unexpected(std::move(held.error()));
    lock.emplace(std::move(*held));
  }
  if (asked.create) {
    if (auto made = make_private(file); !made) return std::unexpected(about(path, made.error()));
  }
  auto db = connect(file, asked);
  if (!db) return std::unexpected(about(path, std::move(db.error())));
  const auto id = identify(file);
  if (!id) return std::unexpected(about(path, id.error()));
  auto opened = std::make_unique<database>(std::move(*db));
  opened->path_ = file;
  opened->asked_ = asked;
  if (lock) opened->lock_.emplace(*std::move(lock));
  opened->file_ = *id;
  return opened;
}

result<connection> database::connect(const std::filesystem::path& path, const options& asked) {
  auto made = connection::open(path, asked.busy);
  if (!made) return made;
  std::string settings =
      "PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA journal_size_limit = 16777216;";
  if (asked.max_pages != 0) {
    settings += "PRAGMA max_page_count = " + std::to_string(asked.max_pages) + ";";
  }
  if (auto done = made->execute(settings.c_str()); !done) return std::unexpected(done.error());
  database db(std::move(*made));
  // First of all: it tells another program's database, which must be left as it is.
  if (auto done = migrate(db, known_migrations()); !done) return std::unexpected(done.error());
  std::string mode;
  auto set = db.each("PRAGMA journal_mode = WAL",
                     [&](const filemint::store::row& r) { mode = r.text(0); });
  if (!set) return std::unexpected(std::move(set.error()));
  if (mode != "wal") {
    return fail(errc::store_failed, "its file system can't take SQLite's write-ahead log");
  }
  db.last_.reset();
  return std::move(db.db_);
}

result<database::file_id> database::identify(const std::filesystem::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    return fail(errc::store_failed, std::generic_category().message(errno));
  }
  return file_id{status.st_dev, status.st_ino};
}

result<statement*> database::prepared(std::string_view sql) {
  if (!last_ || last_sql_ != sql) {
    last_.reset();
    auto made = db_.prepare(sql);
    if (!made) return std::unexpected(std::move(made.error()));
    last_.emplace(std::move(*made));
    last_sql_ = sql;
  }
  return &*last_;
}

result<std::uint64_t> database::execute(std::string_view sql, std::span<const value> values,
                                        const visitor& visit) {
  auto found = prepared(sql);
  if (!found) return std::unexpected(std::move(found.error()));
  const std::unique_ptr<statement, void (*)(statement*)> run(*found, [](auto* s) { s->reset(); });
  for (int parameter = 0; const auto& each : values) run->bind(++parameter, each);
  for (;;) {
    const auto more = run->step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return static_cast<std::uint64_t>(db_.changes());
    visit(run->current());
  }
}

result<void> database::begin(access what) {
  return db_.execute(what == access::read ? "BEGIN" : "BEGIN IMMEDIATE");
}

result<void> database::commit() {
  return db_.execute("COMMIT");
}

void database::roll_back() noexcept {
  std::ignore = db_.execute("ROLLBACK");
}

// A restored copy is another file under the same name: what was read before tells nothing about it.
result<void> database::refresh() {
  const auto now = identify(path_);
  if (!now) return std::unexpected(now.error());
  if (*now == file_) return {};
  auto db = connect(path_, asked_);
  if (!db) return std::unexpected(std::move(db.error()));
  last_.reset();
  db_ = std::move(*db);
  file_ = *now;
  ++life_;
  return {};
}

// SQLite's number changes when another connection has changed the file: all that most polls look
// at.
result<sighting> database::look() {
  const auto version = number("PRAGMA data_version");
  if (!version) return std::unexpected(version.error());
  return sighting{life_, static_cast<std::uint64_t>(version->value_or(0))};
}

// Nobody tells it of changes.
void database::await_change(std::chrono::milliseconds most, int wake_fd) noexcept {
  pollfd waited{.fd = wake_fd, .events = POLLIN, .revents = 0};
  ::poll(&waited, 1, static_cast<int>(most.count()));
}

std::size_t database::known_steps() const noexcept {
  return known_migrations().size();
}

result<bool> database::is_empty() {
  const auto owner = number("PRAGMA application_id");
  if (!owner) return std::unexpected(owner.error());
  const auto tables = number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  if (**tables == 0) return true;
  if (**owner == application_id) return false;
  return fail(errc::conflict, "the file is the database of another program");
}

result<void> database::run_script(const char* script) {
  return db_.execute(script);
}

// An index that is filled in no order: its pages must stay at hand.
result<void> database::expect_many_rows() {
  return db_.execute("PRAGMA cache_size = -262144");
}

void database::end_many_rows() noexcept {
  std::ignore = db_.execute("PRAGMA cache_size = -2000; PRAGMA shrink_memory");
}

}  // namespace filemint::store::sqlite
