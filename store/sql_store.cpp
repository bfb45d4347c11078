#include "store/sql_store.hpp"

#include "store/batches.hpp"
#include "store/rules.hpp"
#include "store/sql_rows.hpp"

#include <utility>

namespace filemint::store {
namespace {

constexpr std::int64_t log_length = 10'000;  // changes; a node that is further behind loads anew

}  // namespace

result<void> sql_store::log(std::string_view kind, std::string_view id) {
  return log_each(kind, {&id, 1});
}

result<void> sql_store::log_each(std::string_view kind, std::span<const std::string_view> ids) {
  std::int64_t last = 0;
  std::int64_t floor = 0;
  auto done = db_->each(
      "UPDATE meta SET change_number = change_number + $1,"
      " log_floor = CASE WHEN log_floor > change_number + $1 - $2 THEN log_floor"
      " ELSE change_number + $1 - $2 END RETURNING change_number, log_floor",
      [&](const row& r) {
        last = r.integer(0);
        floor = r.integer(1);
      },
      ids.size(), log_length);
  if (!done) return done;
  auto number = last - static_cast<std::int64_t>(ids.size());
  for (const auto batch : batches(ids)) {
    std::vector<value> values;
    for (const auto id : batch) values.insert(values.end(), {++number, kind, id});
    done = db_->run(
        "INSERT INTO change_log (number, kind, id) VALUES " + placeholders(batch.size(), 3),
        std::span<const value>(values));
    if (!done) return done;
  }
  done = db_->run("DELETE FROM change_log WHERE number <= $1", floor);
  return done ? db_->tell_followers() : done;
}

// For changes too many to list: whoever follows has to load anew.
result<void> sql_store::log_everything() {
  auto done =
      db_->run("UPDATE meta SET change_number = change_number + 1, log_floor = change_number + 1");
  if (done) done = db_->run("DELETE FROM change_log");
  return done ? db_->tell_followers() : done;
}

result<void> sql_store::add_company(const company_row& added) {
  if (auto fit = check(added); !fit) return fit;
  return write([&]() -> result<void> {
    const auto known = find_company(added.id);
    if (known) return fail(errc::conflict, "there is a company " + added.id + " already");
    if (known.error().code != errc::not_found) return std::unexpected(known.error());
    auto done = db_->run(
        "INSERT INTO company (id, suspended, window_limit, created_at)"
        " VALUES ($1, $2, $3, $4)",
        added.id, added.suspended, added.window_limit, unix_seconds(added.created_at));
    return done ? log("company", added.id) : done;
  });
}

result<std::vector<company_row>> sql_store::list_companies() {
  std::vector<company_row> rows;
  auto read = db_->each(select_company + " ORDER BY id",
                        [&](const row& r) { rows.push_back(company_from(r)); });
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<company_row> sql_store::find_company(std::string_view id) {
  std::optional<company_row> found;
  auto read = db_->each(
      select_company + " WHERE id = $1", [&](const row& r) { found = company_from(r); }, id);
  if (!read) return std::unexpected(std::move(read.error()));
  if (!found) return fail(errc::not_found, "there is no such company");
  return *std::move(found);
}

result<void> sql_store::set_suspended(std::string_view company, bool suspended) {
  return write([&]() -> result<void> {
    const auto known = find_company(company);
    if (!known) return std::unexpected(known.error());
    if (known->suspended == suspended) return {};
    auto done = db_->run("UPDATE company SET suspended = $1 WHERE id = $2", suspended, company);
    return done ? log("company", company) : done;
  });
}

result<void> sql_store::set_window_limit(std::string_view company, std::uint64_t limit) {
  if (auto fit = check_window_limit(limit); !fit) return fit;
  return write([&]() -> result<void> {
    const auto known = find_company(company);
    if (!known) return std::unexpected(known.error());
    if (known->window_limit == limit) return {};
    auto done = db_->run("UPDATE company SET window_limit = $1 WHERE id = $2", limit, company);
    return done ? log("company", company) : done;
  });
}

result<void> sql_store::add_grant(const grant_row& added) {
  if (auto fit = check_source(added.source); !fit) return fit;
  const auto prefix = checked_prefix(added.prefix, path_rules::opaque);
  if (!prefix) return std::unexpected(prefix.error());
  return write([&]() -> result<void> {
    if (const auto known = find_company(added.company); !known) {
      return std::unexpected(known.error());
    }
    auto done =
        db_->run("INSERT INTO company_grant VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                 added.company, added.source, path_text{*prefix}, unix_seconds(added.created_at));
    if (!done) return done;
    if (db_->changed() == 0) return fail(errc::conflict, "this is granted already");
    return log("company", added.company);
  });
}

result<std::vector<grant_row>> sql_store::list_grants(std::optional<std::string_view> company) {
  if (company) {
    if (const auto known = find_company(*company); !known) return std::unexpected(known.error());
  }
  std::vector<grant_row> rows;
  const auto take = [&](const row& r) { rows.push_back(grant_from(r)); };
  auto read = company ? db_->each(select_grant + " WHERE company = $1 ORDER BY source, prefix",
                                  take, *company)
                      : db_->each(select_grant + " ORDER BY company, source, prefix", take);
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<void> sql_store::remove_grant(std::string_view company, std::string_view source,
                                     std::string_view prefix) {
  const auto kept = checked_prefix(prefix, path_rules::opaque);
  if (!kept) return std::unexpected(kept.error());
  return write([&]() -> result<void> {
    if (const auto known = find_company(company); !known) return std::unexpected(known.error());
    auto done =
        db_->run("DELETE FROM company_grant WHERE company = $1 AND source = $2 AND prefix = $3",
                 company, source, path_text{*kept});
    if (!done) return done;
    if (db_->changed() == 0) return fail(errc::not_found, "there is no such grant");
    return log("company", company);
  });
}

void sql_store::await_change(std::chrono::milliseconds most) {
  db_->await_change(most, wake_.fd());
  wake_.clear();
}

}  // namespace filemint::store
