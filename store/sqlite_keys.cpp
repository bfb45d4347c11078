// The SQLite store's API keys and signing keys.
#include "store/rules.hpp"
#include "store/sqlite_rows.hpp"
#include "store/sqlite_store.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace filemint::store {
namespace {

constexpr std::size_t most_logged_keys = 1'000;  // more at once, and it is cheaper to load anew

std::unexpected<error> no_such_signing_key() {
  return fail(errc::not_found, "there is no such signing key");
}

}  // namespace

result<void> sqlite_store::insert_keys(std::span<const key_row> added) {
  std::vector<const key_row*> sorted;  // in the tree's order, a page is written once
  sorted.reserve(added.size());
  for (const auto& key : added) {
    if (auto fit = check(key); !fit) return fit;
    sorted.push_back(&key);
  }
  std::ranges::sort(sorted, {}, [](const key_row* key) -> std::string_view { return key->id; });
  // The index by company is filled in no order: its pages must stay at hand.
  const bool many = sorted.size() > most_logged_keys;
  if (many) {
    if (auto done = db_.execute("PRAGMA cache_size = -262144"); !done) return done;
  }
  auto done = write([&]() -> result<void> {
    auto insert = db_.prepare(
        "INSERT OR IGNORE INTO api_key (id, company, secret_hash, scope, expires_at, created_at,"
        " revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (!insert) return std::unexpected(std::move(insert.error()));
    std::unordered_set<std::string_view> known_companies;
    for (const auto* key : sorted) {
      if (known_companies.insert(key->company).second) {
        if (auto known = find_company(key->company); !known) return std::unexpected(known.error());
      }
      insert->bind(1, key->id);
      insert->bind(2, key->company);
      insert->bind(3, sqlite::blob(key->secret_hash));
      insert->bind(4, key->scope);
      insert->bind(5, seconds_of(key->expires_at));
      insert->bind(6, unix_seconds(key->created_at));
      insert->bind(7, seconds_of(key->revoked_at));
      if (const auto stepped = insert->step(); !stepped) return std::unexpected(stepped.error());
      if (db_.changes() == 0) {
        return fail(errc::conflict, "there is an API key " + key->id + " already");
      }
    }
    if (many) return log_everything();
    for (const auto* key : sorted) {
      if (auto logged = log("api_key", key->id); !logged) return logged;
    }
    return {};
  });
  if (many) std::ignore = db_.execute("PRAGMA cache_size = -2000; PRAGMA shrink_memory");
  return done;
}

result<std::vector<key_row>> sqlite_store::list_keys(std::optional<std::string_view> company) {
  std::vector<key_row> rows;
  const auto take = [&](sqlite::row r) { rows.push_back(key_from(r)); };
  if (company) {
    if (const auto known = find_company(*company); !known) return std::unexpected(known.error());
  }
  auto read =
      company ? db_.each(select_key + " WHERE company = ? ORDER BY created_at, id", take, *company)
              : db_.each(select_key + " ORDER BY company, created_at, id", take);
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<void> sqlite_store::revoke_key(std::string_view key_id, wall_time at) {
  return write([&]() -> result<void> {
    auto done = db_.run("UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                        unix_seconds(at), key_id);
    if (!done) return done;
    if (db_.changes() != 0) return log("api_key", key_id);
    const auto known = db_.number("SELECT 1 FROM api_key WHERE id = ?", key_id);
    if (!known) return std::unexpected(known.error());
    if (!*known) return fail(errc::not_found, "there is no such API key");
    return {};
  });
}

result<void> sqlite_store::insert_signing_key_beside(const signing_key_row& added,
                                                     const key_check& fits) {
  if (auto fit = check(added); !fit) return fit;
  if (added.state == key_state::retiring) {
    return fail(errc::invalid_argument, "a new signing key is prepared or active");
  }
  return write([&]() -> result<void> {
    if (auto done = purge_signing_keys(added.created_at); !done) return done;
    const auto keys = list_signing_keys();
    if (!keys) return std::unexpected(keys.error());
    for (const auto& key : *keys) {
      if (auto fit = fits(key); !fit) return fit;
    }
    if (std::ranges::find(*keys, added.kid, &signing_key_row::kid) != keys->end()) {
      return fail(errc::conflict, "there is a signing key " + added.kid + " already");
    }
    const bool active = added.state == key_state::active;
    const auto activated_at = active ? std::optional(unix_seconds(added.created_at)) : std::nullopt;
    auto done = db_.run("INSERT OR IGNORE INTO signing_key VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                        added.kid, added.source, jose_name(added.algorithm), name_of(added.state),
                        blob_of(added.sealed), unix_seconds(added.created_at), activated_at);
    if (!done) return done;
    if (db_.changes() == 0) {
      return fail(errc::conflict, "another signing key of " + added.source + " is active");
    }
    return log("signing_key", added.kid);
  });
}

result<std::vector<signing_key_row>> sqlite_store::list_signing_keys() {
  std::vector<signing_key_row> rows;
  auto read = db_.each(select_signing_key + " ORDER BY source, created_at, kid",
                       [&](sqlite::row r) { rows.push_back(signing_key_from(r)); });
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<signing_key_row> sqlite_store::find_signing_key(std::string_view kid) {
  std::optional<signing_key_row> found;
  auto read = db_.each(
      select_signing_key + " WHERE kid = ?", [&](sqlite::row r) { found = signing_key_from(r); },
      kid);
  if (!read) return std::unexpected(std::move(read.error()));
  if (!found) return no_such_signing_key();
  return *std::move(found);
}

// What has retired verifies nothing any more, here or anywhere.
result<void> sqlite_store::purge_signing_keys(wall_time at) {
  auto done = db_.run("DELETE FROM signing_key WHERE state = 'retiring' AND retire_at <= ?",
                      unix_seconds(at));
  return done && db_.changes() != 0 ? log("signing_key", "") : done;
}

result<void> sqlite_store::activate_signing_key(const activation& asked) {
  return write([&]() -> result<void> {
    if (auto done = purge_signing_keys(asked.at); !done) return done;
    const auto key = find_signing_key(asked.kid);
    if (!key) return std::unexpected(key.error());
    if (key->state != key_state::prepared) {
      return fail(errc::conflict, "the signing key is " + std::string(name_of(key->state)) +
                                      ", only a prepared one can be activated");
    }
    const auto ripe = key->created_at + asked.min_age;
    if (asked.at < ripe && !asked.force) {
      return fail(
          errc::conflict,
          "the signing key may not be known everywhere yet, activate it after " + rfc3339(ripe));
    }
    auto done = db_.run(
        "UPDATE signing_key SET state = 'retiring', retire_at = ?"
        " WHERE source = ? AND state = 'active'",
        unix_seconds(asked.at + asked.overlap), key->source);
    if (!done) return done;
    done = db_.run("UPDATE signing_key SET state = 'active', activated_at = ? WHERE kid = ?",
                   unix_seconds(asked.at), asked.kid);
    return done ? log("signing_key", asked.kid) : done;
  });
}

result<void> sqlite_store::retire_signing_key(std::string_view kid, wall_time at, bool force) {
  return write([&]() -> result<void> {
    const auto key = find_signing_key(kid);
    if (!key) return std::unexpected(key.error());
    if (key->state == key_state::active) {
      return fail(errc::conflict,
                  "the signing key is active: activate another of " + key->source + " first");
    }
    if (key->retire_at && at < *key->retire_at && !force) {
      return fail(errc::conflict,
                  "tokens of this signing key live until " + rfc3339(*key->retire_at));
    }
    auto done = db_.run("DELETE FROM signing_key WHERE kid = ?", kid);
    return done ? log("signing_key", kid) : done;
  });
}

result<std::size_t> sqlite_store::reseal_signing_keys(const reseal_function& reseal) {
  std::size_t count = 0;
  auto done = write([&]() -> result<void> {
    const auto keys = list_signing_keys();
    if (!keys) return std::unexpected(keys.error());
    for (const auto& key : *keys) {
      const auto sealed = reseal(key);
      if (!sealed) return std::unexpected(sealed.error());
      auto replaced =
          db_.run("UPDATE signing_key SET sealed = ? WHERE kid = ?", blob_of(*sealed), key.kid);
      if (!replaced) return replaced;
    }
    count = keys->size();
    return count == 0 ? result<void>() : log("signing_key", "");
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return count;
}

}  // namespace filemint::store
