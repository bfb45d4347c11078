// How a node loads the store and follows its changes.
#include "core/directory_builder.hpp"
#include "store/migration.hpp"
#include "store/sql_rows.hpp"
#include "store/sql_store.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>
#include <utility>

namespace filemint::store {
namespace {

using prefixes_by_source = std::map<std::string, std::vector<std::string>, std::less<>>;

grants make_grants(prefixes_by_source granted) {
  std::map<std::string, prefix_set, std::less<>> sets;
  for (auto& [source, prefixes] : granted) sets.emplace(source, prefix_set(std::move(prefixes)));
  return grants(std::move(sets));
}

company make_company(const company_row& row, prefixes_by_source granted) {
  return {.id = row.id,
          .suspended = row.suspended,
          .window_limit = row.window_limit,
          .token_limit = row.token_limit,
          .throttle = row.throttle,
          .granted = make_grants(std::move(granted))};
}

// So that a million company names are looked up without making a string of each.
struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};
using index_by_company = std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>>;

result<index_by_company> load_companies(database& db, directory_builder& people) {
  std::map<std::string, prefixes_by_source, std::less<>> granted;
  auto read = db.each(select_grant, [&](const row& r) {
    granted[std::string(r.text(0))][std::string(r.text(1))].emplace_back(r.text(2));
  });
  if (!read) return std::unexpected(std::move(read.error()));
  index_by_company indices;
  read = db.each(select_company, [&](const row& r) {
    const auto row = company_from(r);
    indices.emplace(row.id, people.put_company(make_company(row, std::move(granted[row.id]))));
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return indices;
}

result<void> load_keys(database& db, const index_by_company& indices, directory_builder& people) {
  const auto count = db.number("SELECT count(*) FROM api_key");
  if (!count) return std::unexpected(count.error());
  people.expect_keys(static_cast<std::size_t>(**count));
  return db.each(
      "SELECT id, company, secret_hash, scope, coalesce(expires_at, 0), throttle_per_day,"
      " throttle_rate, throttle_burst FROM api_key"
      " WHERE revoked_at IS NULL",
      [&](const row& r) {
        const auto id = r.text(0);
        const auto owner = indices.find(r.text(1));
        const auto hash = r.bytes(2);
        api_key_record key{};
        if (id.size() != sizeof key.id || hash.size() != key.secret_hash.size() ||
            owner == indices.end()) {
          return;  // the schema does not let it in
        }
        std::memcpy(key.id, id.data(), id.size());
        key.company = owner->second;
        std::ranges::copy(hash, key.secret_hash.begin());
        key.scope = static_cast<route_scope>(r.integer(3));
        key.expires_at = static_cast<std::uint32_t>(r.integer(4));
        key.throttle = throttle_from(r, 5);
        people.put_key(key);
      });
}

}  // namespace

result<contents> sql_store::load(const directory& base) {
  if (auto done = db_->refresh(); !done) return std::unexpected(std::move(done.error()));
  auto view = transaction::begin(*db_, access::read);
  if (!view) return std::unexpected(std::move(view.error()));
  auto state = read_log_state();
  if (!state) return std::unexpected(std::move(state.error()));
  const auto saw = db_->look();
  if (!saw) return std::unexpected(saw.error());

  directory_builder people(base);
  people.clear();
  auto indices = load_companies(*db_, people);
  if (!indices) return std::unexpected(std::move(indices.error()));
  if (auto done = load_keys(*db_, *indices, people); !done) return std::unexpected(done.error());
  auto signing_keys = list_signing_keys();
  if (!signing_keys) return std::unexpected(std::move(signing_keys.error()));
  auto revoked = list_revocations();
  if (!revoked) return std::unexpected(std::move(revoked.error()));

  state->at.life = saw->life;
  seen_ = reading{*saw, state->at};
  return contents{std::move(state->at), people.build(), std::move(*signing_keys),
                  std::move(*revoked)};
}

result<std::optional<delta>> sql_store::changes_since(const position& known) {
  if (auto done = db_->refresh(); !done) return std::unexpected(std::move(done.error()));
  if (!seen_) return std::nullopt;
  const auto now = db_->look();
  if (!now) return std::unexpected(now.error());
  if (*now == seen_->saw && known == seen_->at) return delta{.at = known};

  auto view = transaction::begin(*db_, access::read);
  if (!view) return std::unexpected(std::move(view.error()));
  auto state = read_log_state();
  if (!state) return std::unexpected(state.error());
  const auto saw = db_->look();
  if (!saw) return std::unexpected(saw.error());
  state->at.life = saw->life;
  const bool told = saw->life == known.life && state->at.store_id == known.store_id &&
                    state->floor <= known.number && known.number <= state->at.number;
  if (!told) return std::nullopt;
  auto changes = read_changes(*state, known.number);
  if (!changes) return std::unexpected(std::move(changes.error()));
  seen_ = reading{*saw, state->at};
  return *std::move(changes);
}

result<std::uint64_t> sql_store::change_number() {
  auto state = read_log_state();
  if (!state) return std::unexpected(std::move(state.error()));
  return state->at.number;
}

result<sql_store::log_state> sql_store::read_log_state() {
  log_state state{};
  std::int64_t min_reader = 0;
  auto read = db_->each("SELECT store_id, change_number, log_floor, min_reader FROM meta",
                        [&](const row& r) {
                          state.at.store_id = r.text(0);
                          state.at.number = static_cast<std::uint64_t>(r.integer(1));
                          state.floor = static_cast<std::uint64_t>(r.integer(2));
                          min_reader = r.integer(3);
                        });
  if (!read) return std::unexpected(std::move(read.error()));
  if (auto fit = check_min_reader(min_reader, db_->known_steps()); !fit) {
    return std::unexpected(std::move(fit.error()));
  }
  return state;
}

result<delta> sql_store::read_changes(const log_state& state, std::uint64_t since) {
  delta changes{.at = state.at};
  if (auto read = read_changed_companies(since, changes); !read) {
    return std::unexpected(std::move(read.error()));
  }
  if (auto read = read_changed_keys(since, changes); !read) {
    return std::unexpected(std::move(read.error()));
  }
  auto read = db_->each(
      select_revocation +
          " WHERE number IN (SELECT CAST(id AS bigint) FROM change_log WHERE number > $1"
          " AND kind = 'revocation') ORDER BY number",
      [&](const row& r) { changes.revoked.push_back(revocation_from(r)); }, since);
  if (!read) return std::unexpected(std::move(read.error()));
  const auto signing_keys = db_->number(
      "SELECT 1 FROM change_log WHERE number > $1 AND kind = 'signing_key' LIMIT 1", since);
  if (!signing_keys) return std::unexpected(signing_keys.error());
  if (*signing_keys) {
    auto rows = list_signing_keys();
    if (!rows) return std::unexpected(std::move(rows.error()));
    changes.signing_keys = std::move(*rows);
  }
  return changes;
}

result<void> sql_store::read_changed_companies(std::uint64_t since, delta& changes) {
  constexpr auto changed = "(SELECT id FROM change_log WHERE number > $1 AND kind = 'company')";
  std::map<std::string, prefixes_by_source, std::less<>> granted;
  auto read = db_->each(
      select_grant + " WHERE company IN " + changed,
      [&](const row& r) {
        granted[std::string(r.text(0))][std::string(r.text(1))].emplace_back(r.text(2));
      },
      since);
  if (!read) return read;
  return db_->each(
      select_company + " WHERE id IN " + changed + " ORDER BY id",
      [&](const row& r) {
        const auto company = company_from(r);
        changes.companies.push_back(make_company(company, std::move(granted[company.id])));
      },
      since);
}

result<void> sql_store::read_changed_keys(std::uint64_t since, delta& changes) {
  constexpr auto changed = "(SELECT id FROM change_log WHERE number > $1 AND kind = 'api_key')";
  return db_->each(
      select_key + " WHERE id IN " + changed + " ORDER BY id",
      [&](const row& r) {
        auto key = key_from(r);
        if (key.revoked_at) {
          changes.revoked_keys.push_back(std::move(key.id));
        } else {
          changes.keys.push_back(std::move(key));
        }
      },
      since);
}

}  // namespace filemint::store
