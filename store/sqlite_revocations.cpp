// The SQLite store's revocations of tokens.
#include "store/rules.hpp"
#include "store/sqlite_rows.hpp"
#include "store/sqlite_store.hpp"

#include <utility>

namespace filemint::store {

result<revocation> sqlite_store::revoke_tokens(const revocation_order& asked) {
  if (auto fit = check(asked); !fit) return std::unexpected(std::move(fit.error()));
  revocation kept;
  auto done = write([&]() -> result<void> {
    if (auto known = check_order(asked); !known) return known;
    const auto life = longest_life(asked);
    if (!life) return std::unexpected(life.error());
    auto purged = db_.run("DELETE FROM revocation WHERE forget_at <= ?", unix_seconds(asked.at));
    if (!purged) return purged;

    const auto value =
        asked.kind == revocation_kind::prefix ? *checked_prefix(asked.value) : asked.value;
    const auto issued_until = asked.at + asked.skew;
    std::int64_t number = 0;
    auto put = db_.each(
        "INSERT INTO revocation (kind, source, value, issued_until, forget_at)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, source, value) DO UPDATE"
        " SET issued_until = max(issued_until, excluded.issued_until),"
        " forget_at = max(forget_at, excluded.forget_at)"
        " RETURNING kind, source, value, issued_until, forget_at, number",
        [&](sqlite::row r) {
          kept = revocation_from(r);
          number = r.integer(5);
        },
        name_of(asked.kind), asked.source, value, unix_seconds(issued_until),
        unix_seconds(issued_until + *life + asked.skew));
    return put ? log("revocation", std::to_string(number)) : put;
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return kept;
}

// A mistyped name would revoke nothing, and look as if it had.
result<void> sqlite_store::check_order(const revocation_order& asked) {
  if (asked.kind == revocation_kind::company) {
    const auto known = find_company(asked.value);
    return known ? result<void>() : std::unexpected(known.error());
  }
  if (asked.kind == revocation_kind::key) {
    const auto known = db_.number("SELECT 1 FROM api_key WHERE id = ?", asked.value);
    if (!known) return std::unexpected(known.error());
    if (!*known) return fail(errc::not_found, "there is no such API key");
  }
  return {};
}

// Of the tokens that it can end.
result<std::chrono::seconds> sqlite_store::longest_life(const revocation_order& asked) {
  const auto noted = db_.number(
      "SELECT seconds FROM source_life WHERE ?1 = '' OR source = ?1 ORDER BY seconds DESC LIMIT 1",
      asked.source);
  if (!noted) return std::unexpected(noted.error());
  return *noted ? std::chrono::seconds(**noted) : longest_token_life;
}

result<std::vector<revocation>> sqlite_store::list_revocations() {
  std::vector<revocation> rows;
  auto read = db_.each(select_revocation + " ORDER BY kind, source, value",
                       [&](sqlite::row r) { rows.push_back(revocation_from(r)); });
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<void> sqlite_store::note_token_life(std::string_view source, std::chrono::seconds longest) {
  if (auto fit = check_source(source); !fit) return fit;
  const auto noted = db_.number("SELECT seconds FROM source_life WHERE source = ?", source);
  if (!noted) return std::unexpected(noted.error());
  if (*noted && **noted >= longest.count()) return {};  // a node starts without a write
  return write([&] {
    return db_.run(
        "INSERT INTO source_life VALUES (?, ?) ON CONFLICT (source) DO UPDATE"
        " SET seconds = max(seconds, excluded.seconds)",
        source, longest.count());
  });
}

}  // namespace filemint::store
