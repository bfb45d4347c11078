#include "store/postgres/database.hpp"

#include "store/postgres/migrations.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace filemint::store::postgres {
namespace {

// A statement that hangs, or a client that has gone in the middle of a transaction, must not hold
// up the others for ever. What is acknowledged must be on the server's disk, whatever its default.
constexpr const char* session = R"(
SET search_path = filemint, pg_temp;
SET statement_timeout = '60s';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '30s';
SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = 'off';
)";

// The row is locked before anything is read: so changes are numbered in the order of their commits,
// and one that commits late is not behind a number that a node has seen.
constexpr const char* begin_change =
    "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT 1 FROM meta FOR UPDATE";
// Two nodes that write the same keys' counts would else wait for each other.
constexpr const char* begin_counts =
    "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(7379544301886795777)";
constexpr const char* begin_schema =
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0;"
    " SET LOCAL lock_timeout = '5min'; SELECT pg_advisory_xact_lock(7379544301886795778)";
constexpr std::chrono::minutes longest_step{5};
// Before a lost connection is made anew: nobody tells of changes meanwhile.
constexpr std::chrono::milliseconds longest_pause{500};

const char* begin_script(access what) {
  switch (what) {
    case access::read:
      return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    case access::change:
      return begin_change;
    case access::counts:
      return begin_counts;
    case access::schema:
      return begin_schema;
  }
  return nullptr;
}

}  // namespace

result<std::unique_ptr<database>> database::open(std::string_view conninfo_text) {
  auto to = conninfo::parse(conninfo_text);
  if (!to) return std::unexpected(std::move(to.error()));
  auto opened = std::make_unique<database>(std::move(*to));
  if (auto done = migrate(*opened, known_migrations()); !done) {
    return std::unexpected(std::move(done.error()));
  }
  return opened;
}

result<void> database::connect() {
  if (on_ && on_->is_open()) return {};
  if (in_transaction_) {
    return fail(errc::service_unavailable, "the connection to the store is lost");
  }
  on_.reset();
  listening_ = false;
  auto made = connection::open(to_);
  if (!made) return std::unexpected(std::move(made.error()));
  if (auto set = made->run_script(session); !set) return std::unexpected(std::move(set.error()));
  on_.emplace(std::move(*made));
  return {};
}

result<std::uint64_t> database::execute(std::string_view sql, std::span<const value> values,
                                        const visitor& visit) {
  if (auto there = connect(); !there) return std::unexpected(std::move(there.error()));
  return on_->execute(sql, values, visit);
}

result<void> database::run_script(const char* script) {
  if (auto there = connect(); !there) return there;
  auto done = on_->run_script(script);
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

result<void> database::begin(access what) {
  for (bool again = on_.has_value();; again = false) {
    if (auto there = connect(); !there) return there;
    in_transaction_ = true;
    if (what == access::schema) on_->set_silence(longest_step);
    auto begun = run_script(begin_script(what));
    if (begun) return begun;
    roll_back();
    // One that was lost without a sign is found out here, before anything was done.
    if (!again || on_) return begun;
  }
}

result<void> database::commit() {
  if (auto there = connect(); !there) return there;
  const auto tag = on_->run_script("COMMIT");
  if (!tag) {
    if (on_->is_open()) return std::unexpected(tag.error());
    return fail(errc::service_unavailable,
                "the connection to the store was lost at the last moment: what was asked for may or"
                " may not be done");
  }
  in_transaction_ = false;
  on_->set_silence(connection::most_silence);
  if (*tag == "COMMIT") return {};
  return fail(errc::store_failed, "the store failed: the transaction was rolled back");
}

void database::roll_back() noexcept {
  in_transaction_ = false;
  if (!on_) return;
  on_->set_silence(connection::most_silence);
  if (!on_->run_script("ROLLBACK")) on_.reset();
}

result<void> database::refresh() {
  return connect();
}

// A server that was started anew may hold a restored copy, and so may a database or a table that
// was made anew.
result<sighting> database::look() {
  sighting seen;
  auto read = each(
      "SELECT CAST((SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
      " AS bigint), CAST(tableoid AS bigint),"
      " CAST(extract(epoch FROM pg_postmaster_start_time()) * 1000000 AS bigint),"
      " change_number, CAST(CAST(xmin AS text) AS bigint) FROM meta",
      [&](const row& r) {
        const auto number = [&](int column) {
          return static_cast<std::uint64_t>(r.integer(column));
        };
        seen.life = (number(0) << 32 | number(1)) ^ number(2) * 0x9e37'79b9'7f4a'7c15U;
        seen.version = number(3) << 32 ^ number(4);
      });
  if (!read) return std::unexpected(std::move(read.error()));
  return seen;
}

result<void> database::tell_followers() {
  return run("SELECT pg_notify('filemint_change', '')");
}

void database::await_change(std::chrono::milliseconds most, int wake_fd) noexcept {
  const auto until = std::chrono::steady_clock::now() + most;
  try {
    if (on_ && on_->is_open()) {
      if (listening_ && on_->await_notice(most, wake_fd)) return;
      if (!listening_ && on_->run_script("LISTEN filemint_change")) {
        listening_ = true;
        return;  // what has changed before it listened nobody has told
      }
    }
  } catch (const std::exception&) {  // no memory: the next poll will tell of it
    on_.reset();
  }
  auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  if (!on_ || !on_->is_open()) left = std::min(left, longest_pause);
  pollfd waited{.fd = wake_fd, .events = POLLIN, .revents = 0};
  if (left.count() > 0) ::poll(&waited, 1, static_cast<int>(left.count()));
}

std::size_t database::known_steps() const noexcept {
  return known_migrations().size();
}

// In one statement: another node may make the schema meanwhile.
result<bool> database::is_empty() {
  std::int64_t all = 0;
  std::int64_t ours = 0;
  auto read = each(
      "SELECT count(*), count(*) FILTER (WHERE relname = 'meta') FROM pg_catalog.pg_class"
      " WHERE relnamespace = to_regnamespace('filemint')",
      [&](const row& r) {
        all = r.integer(0);
        ours = r.integer(1);
      });
  if (!read) return std::unexpected(std::move(read.error()));
  if (all == 0 || ours != 0) return all == 0;
  return fail(errc::conflict, "the schema filemint holds what is another program's");
}

}  // namespace filemint::store::postgres
