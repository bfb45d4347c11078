// How a node loads the SQLite store and follows its changes.
#include "core/directory_builder.hpp"
#include "store/migrations.hpp"
#include "store/sqlite_rows.hpp"
#include "store/sqlite_store.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
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

result<index_by_company> load_companies(sqlite::connection& db, directory_builder& people) {
  std::map<std::string, prefixes_by_source, std::less<>> granted;
  auto read = db.each(select_grant, [&](sqlite::row r) {
    granted[std::string(r.text(0))][std::string(r.text(1))].emplace_back(r.text(2));
  });
  if (!read) return std::unexpected(std::move(read.error()));
  index_by_company indices;
  read = db.each(select_company, [&](sqlite::row r) {
    const auto row = company_from(r);
    indices.emplace(row.id, people.put_company(make_company(row, std::move(granted[row.id]))));
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return indices;
}

result<void> load_keys(sqlite::connection& db, const index_by_company& indices,
                       directory_builder& people) {
  const auto count = db.number("SELECT count(*) FROM api_key");
  if (!count) return std::unexpected(count.error());
  people.expect_keys(static_cast<std::size_t>(**count));
  return db.each(
      "SELECT id, company, secret_hash, scope, coalesce(expires_at, 0), throttle_per_day,"
      " throttle_rate, throttle_burst FROM api_key"
      " WHERE revoked_at IS NULL",
      [&](sqlite::row r) {
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

result<contents> sqlite_store::load(const directory& base) {
  if (auto done = reopen_if_replaced(); !done) return std::unexpected(std::move(done.error()));
  auto view = sqlite::transaction::begin(db_, sqlite::transaction::kind::read);
  if (!view) return std::unexpected(std::move(view.error()));
  auto state = read_log_state();
  if (!state) return std::unexpected(std::move(state.error()));
  const auto version = data_version();
  if (!version) return std::unexpected(version.error());

  directory_builder people(base);
  people.clear();
  auto indices = load_companies(db_, people);
  if (!indices) return std::unexpected(std::move(indices.error()));
  if (auto done = load_keys(db_, *indices, people); !done) return std::unexpected(done.error());
  auto signing_keys = list_signing_keys();
  if (!signing_keys) return std::unexpected(std::move(signing_keys.error()));

  auto revoked = list_revocations();
  if (!revoked) return std::unexpected(std::move(revoked.error()));

  seen_ = sighting{*version, state->at};
  return contents{std::move(state->at), people.build(), std::move(*signing_keys),
                  std::move(*revoked)};
}

result<std::optional<delta>> sqlite_store::changes_since(const position& known) {
  if (auto done = reopen_if_replaced(); !done) return std::unexpected(std::move(done.error()));
  if (!seen_) return std::nullopt;
  const auto version = data_version();
  if (!version) return std::unexpected(version.error());
  if (*version == seen_->data_version && known == seen_->at) return delta{.at = known};

  auto view = sqlite::transaction::begin(db_, sqlite::transaction::kind::read);
  if (!view) return std::unexpected(std::move(view.error()));
  const auto state = read_log_state();
  if (!state) return std::unexpected(state.error());
  const auto version_in_view = data_version();
  if (!version_in_view) return std::unexpected(version_in_view.error());
  const bool told = state->at.store_id == known.store_id && state->floor <= known.number &&
                    known.number <= state->at.number;
  if (!told) return std::nullopt;
  auto changes = read_changes(*state, known.number);
  if (!changes) return std::unexpected(std::move(changes.error()));
  seen_ = sighting{*version_in_view, state->at};
  return *std::move(changes);
}

result<std::uint64_t> sqlite_store::change_number() {
  auto state = read_log_state();
  if (!state) return std::unexpected(std::move(state.error()));
  return state->at.number;
}

// A restored copy is another file under the same name: what was read before tells nothing about it.
result<void> sqlite_store::reopen_if_replaced() {
  const auto now = identify(path_);
  if (!now) return std::unexpected(now.error());
  if (*now == file_) return {};
  auto db = connect(path_, options_);
  if (!db) return std::unexpected(std::move(db.error()));
  poll_.reset();
  seen_.reset();
  db_ = std::move(*db);
  file_ = *now;
  return {};
}

// Changes when another connection has changed the file: all that most polls look at.
result<std::int64_t> sqlite_store::data_version() {
  if (!poll_) {
    auto prepared = db_.prepare("PRAGMA data_version");
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    poll_.emplace(std::move(*prepared));
  }
  const auto found = poll_->step();
  if (!found) return std::unexpected(found.error());
  const auto version = *found ? poll_->current().integer(0) : 0;
  poll_->reset();
  return version;
}

result<sqlite_store::log_state> sqlite_store::read_log_state() {
  log_state state{};
  std::int64_t min_reader = 0;
  auto read = db_.each("SELECT store_id, change_number, log_floor, min_reader FROM meta",
                       [&](sqlite::row r) {
                         state.at.store_id = r.text(0);
                         state.at.number = static_cast<std::uint64_t>(r.integer(1));
                         state.floor = static_cast<std::uint64_t>(r.integer(2));
                         min_reader = r.integer(3);
                       });
  if (!read) return std::unexpected(std::move(read.error()));
  if (auto fit = check_min_reader(min_reader, known_migrations().size()); !fit) {
    return std::unexpected(std::move(fit.error()));
  }
  return state;
}

result<delta> sqlite_store::read_changes(const log_state& state, std::uint64_t since) {
  std::set<std::string> companies;
  std::set<std::string> keys;
  std::set<std::string> revoked;
  bool signing_keys = false;
  auto read = db_.each(
      "SELECT kind, id FROM change_log WHERE number > ?",
      [&](sqlite::row r) {
        const auto kind = r.text(0);
        if (kind == "company") companies.emplace(r.text(1));
        if (kind == "api_key") keys.emplace(r.text(1));
        if (kind == "signing_key") signing_keys = true;
        if (kind == "revocation") revoked.emplace(r.text(1));
      },
      since);
  if (!read) return std::unexpected(std::move(read.error()));

  delta changes{.at = state.at};
  for (const auto& id : companies) {
    const auto row = find_company(id);
    if (!row) return std::unexpected(row.error());
    auto changed = read_company(*row);
    if (!changed) return std::unexpected(std::move(changed.error()));
    changes.companies.push_back(std::move(*changed));
  }
  for (const auto& id : keys) {
    bool live = false;
    read = db_.each(
        select_key + " WHERE id = ? AND revoked_at IS NULL",
        [&](sqlite::row r) {
          live = true;
          changes.keys.push_back(key_from(r));
        },
        id);
    if (!read) return std::unexpected(std::move(read.error()));
    if (!live) changes.revoked_keys.push_back(id);
  }
  for (const auto& number : revoked) {
    read = db_.each(
        select_revocation + " WHERE number = ?",
        [&](sqlite::row r) { changes.revoked.push_back(revocation_from(r)); }, number);
    if (!read) return std::unexpected(std::move(read.error()));
  }
  if (signing_keys) {
    auto rows = list_signing_keys();
    if (!rows) return std::unexpected(std::move(rows.error()));
    changes.signing_keys = std::move(*rows);
  }
  return changes;
}

result<company> sqlite_store::read_company(const company_row& row) {
  prefixes_by_source granted;
  auto read = db_.each(
      select_grant + " WHERE company = ?",
      [&](sqlite::row r) { granted[std::string(r.text(1))].emplace_back(r.text(2)); }, row.id);
  if (!read) return std::unexpected(std::move(read.error()));
  return make_company(row, std::move(granted));
}

}  // namespace filemint::store
