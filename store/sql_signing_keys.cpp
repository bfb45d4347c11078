// The store's signing keys.
#include "store/rules.hpp"
#include "store/sql_rows.hpp"
#include "store/sql_store.hpp"

#include <algorithm>
#include <utility>

namespace filemint::store {
namespace {

std::unexpected<error> no_such_signing_key() {
  return fail(errc::not_found, "there is no such signing key");
}

}  // namespace

result<void> sql_store::insert_signing_key_beside(const signing_key_row& added,
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
    auto done = db_->run(
        "INSERT INTO signing_key VALUES ($1, $2, $3, $4, $5, $6, $7, NULL) ON CONFLICT DO NOTHING",
        added.kid, added.source, name_of_algorithm(added), name_of(added.state),
        blob_of(added.sealed), unix_seconds(added.created_at), activated_at);
    if (!done) return done;
    if (db_->changed() == 0) {
      return fail(errc::conflict, "another signing key of " + added.source + " is active");
    }
    return log("signing_key", added.kid);
  });
}

result<std::vector<signing_key_row>> sql_store::list_signing_keys() {
  std::vector<signing_key_row> rows;
  auto read = db_->each(select_signing_key + " ORDER BY source, created_at, kid",
                        [&](const row& r) { rows.push_back(signing_key_from(r)); });
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<signing_key_row> sql_store::find_signing_key(std::string_view kid) {
  std::optional<signing_key_row> found;
  auto read = db_->each(
      select_signing_key + " WHERE kid = $1", [&](const row& r) { found = signing_key_from(r); },
      kid);
  if (!read) return std::unexpected(std::move(read.error()));
  if (!found) return no_such_signing_key();
  return *std::move(found);
}

// What has retired verifies nothing any more, here or anywhere.
result<void> sql_store::purge_signing_keys(wall_time at) {
  auto done = db_->run("DELETE FROM signing_key WHERE state = 'retiring' AND retire_at <= $1",
                       unix_seconds(at));
  return done && db_->changed() != 0 ? log("signing_key", "") : done;
}

result<void> sql_store::activate_signing_key(const activation& asked) {
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
    auto done = db_->run(
        "UPDATE signing_key SET state = 'retiring', retire_at = $1"
        " WHERE source = $2 AND state = 'active'",
        unix_seconds(asked.at + asked.overlap), key->source);
    if (!done) return done;
    done = db_->run("UPDATE signing_key SET state = 'active', activated_at = $1 WHERE kid = $2",
                    unix_seconds(asked.at), asked.kid);
    return done ? log("signing_key", asked.kid) : done;
  });
}

result<void> sql_store::retire_signing_key(std::string_view kid, wall_time at, bool force) {
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
    auto done = db_->run("DELETE FROM signing_key WHERE kid = $1", kid);
    return done ? log("signing_key", kid) : done;
  });
}

result<std::size_t> sql_store::reseal_signing_keys(const reseal_function& reseal) {
  std::size_t count = 0;
  auto done = write([&]() -> result<void> {
    const auto keys = list_signing_keys();
    if (!keys) return std::unexpected(keys.error());
    for (const auto& key : *keys) {
      const auto sealed = reseal(key);
      if (!sealed) return std::unexpected(sealed.error());
      auto replaced =
          db_->run("UPDATE signing_key SET sealed = $1 WHERE kid = $2", blob_of(*sealed), key.kid);
      if (!replaced) return replaced;
    }
    count = keys->size();
    return count == 0 ? result<void>() : log("signing_key", "");
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return count;
}

}  // namespace filemint::store
