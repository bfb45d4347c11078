// The store's API keys.
#include "store/batches.hpp"
#include "store/rules.hpp"
#include "store/sql_rows.hpp"
#include "store/sql_store.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace filemint::store {
namespace {

constexpr std::size_t most_logged_keys = 1'000;  // more at once, and it is cheaper to load anew

}  // namespace

result<void> sql_store::insert_keys(std::span<const key_row> added) {
  std::vector<const key_row*> sorted;  // in the tree's order, a page is written once
  sorted.reserve(added.size());
  for (const auto& key : added) {
    if (auto fit = check(key); !fit) return fit;
    sorted.push_back(&key);
  }
  std::ranges::sort(sorted, {}, [](const key_row* key) -> std::string_view { return key->id; });
  const bool many = sorted.size() > most_logged_keys;
  if (many) {
    if (auto done = db_->expect_many_rows(); !done) return done;
  }
  auto done = write([&]() -> result<void> {
    if (auto inserted = insert_sorted_keys(sorted); !inserted) return inserted;
    if (many) return log_everything();
    std::vector<std::string_view> ids;
    for (const auto* key : sorted) ids.emplace_back(key->id);
    return log_each("api_key", ids);
  });
  if (many) db_->end_many_rows();
  return done;
}

result<void> sql_store::insert_sorted_keys(std::span<const key_row* const> sorted) {
  std::unordered_set<std::string_view> known_companies;
  for (const auto* key : sorted) {
    if (!known_companies.insert(key->company).second) continue;
    if (auto known = find_company(key->company); !known) return std::unexpected(known.error());
  }
  for (const auto batch : batches(sorted)) {
    std::vector<value> values;
    for (const auto* key : batch) {
      values.insert(values.end(), {key->id, key->company, blob(key->secret_hash), key->scope,
                                   seconds_of(key->expires_at), unix_seconds(key->created_at),
                                   seconds_of(key->revoked_at)});
    }
    std::vector<std::string> inserted;
    auto done = db_->execute(
        "INSERT INTO api_key (id, company, secret_hash, scope, expires_at, created_at, revoked_at)"
        " VALUES " +
            placeholders(batch.size(), 7) + " ON CONFLICT DO NOTHING RETURNING id",
        values, [&](const row& r) { inserted.emplace_back(r.text(0)); });
    if (!done) return std::unexpected(std::move(done.error()));
    if (inserted.size() == batch.size()) continue;
    std::ranges::sort(inserted);
    const auto id_of = [](const key_row* key) { return std::string_view(key->id); };
    const auto first = std::ranges::mismatch(batch, inserted, {}, id_of).in1;
    return fail(errc::conflict, "there is an API key " + (*first)->id + " already");
  }
  return {};
}

result<std::vector<key_row>> sql_store::list_keys(std::optional<std::string_view> company) {
  std::vector<key_row> rows;
  const auto take = [&](const row& r) { rows.push_back(key_from(r)); };
  if (company) {
    if (const auto known = find_company(*company); !known) return std::unexpected(known.error());
  }
  auto read = company ? db_->each(select_key + " WHERE company = $1 ORDER BY created_at, id", take,
                                  *company)
                      : db_->each(select_key + " ORDER BY company, created_at, id", take);
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<void> sql_store::revoke_key(std::string_view key_id, wall_time at) {
  return write([&]() -> result<void> {
    auto done = db_->run("UPDATE api_key SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
                         unix_seconds(at), key_id);
    if (!done) return done;
    if (db_->changed() != 0) return log("api_key", key_id);
    const auto known = db_->number("SELECT 1 FROM api_key WHERE id = $1", key_id);
    if (!known) return std::unexpected(known.error());
    if (!*known) return fail(errc::not_found, "there is no such API key");
    return {};
  });
}

}  // namespace filemint::store
