// The store's revocations of tokens.
#include "store/rules.hpp"
#include "store/sql_rows.hpp"
#include "store/sql_store.hpp"

#include <utility>

namespace filemint::store {

result<revocation> sql_store::revoke_tokens(const revocation_order& asked) {
  if (auto fit = check(asked); !fit) return std::unexpected(std::move(fit.error()));
  revocation kept;
  auto done = write([&]() -> result<void> {
    if (auto known = check_order(asked); !known) return known;
    const auto life = longest_life(asked);
    if (!life) return std::unexpected(life.error());
    auto purged = db_->run("DELETE FROM revocation WHERE forget_at <= $1", unix_seconds(asked.at));
    if (!purged) return purged;

    const auto ends = asked.kind == revocation_kind::prefix
                          ? *checked_prefix(asked.value, path_rules::strict)
                          : asked.value;
    const auto issued_until = asked.at + asked.skew;
    std::int64_t number = 0;
    auto put = db_->each(
        "INSERT INTO revocation (kind, source, value, issued_until, forget_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, source, value) DO UPDATE"
        " SET issued_until = CASE WHEN revocation.issued_until > excluded.issued_until"
        " THEN revocation.issued_until ELSE excluded.issued_until END,"
        " forget_at = CASE WHEN revocation.forget_at > excluded.forget_at"
        " THEN revocation.forget_at ELSE excluded.forget_at END"
        " RETURNING kind, source, value, issued_until, forget_at, number",
        [&](const row& r) {
          kept = revocation_from(r);
          number = r.integer(5);
        },
        name_of(asked.kind), asked.source, path_text{ends}, unix_seconds(issued_until),
        unix_seconds(issued_until + *life + asked.skew));
    return put ? log("revocation", std::to_string(number)) : put;
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return kept;
}

// A mistyped name would revoke nothing, and look as if it had.
result<void> sql_store::check_order(const revocation_order& asked) {
  if (asked.kind == revocation_kind::company) {
    const auto known = find_company(asked.value);
    return known ? result<void>() : std::unexpected(known.error());
  }
  if (asked.kind == revocation_kind::key) {
    const auto known = db_->number("SELECT 1 FROM api_key WHERE id = $1", asked.value);
    if (!known) return std::unexpected(known.error());
    if (!*known) return fail(errc::not_found, "there is no such API key");
  }
  return {};
}

// Of the tokens that it can end.
result<std::chrono::seconds> sql_store::longest_life(const revocation_order& asked) {
  const auto noted = db_->number(
      "SELECT seconds FROM source_life WHERE $1 = '' OR source = $1 ORDER BY seconds DESC LIMIT 1",
      asked.source);
  if (!noted) return std::unexpected(noted.error());
  return *noted ? std::chrono::seconds(**noted) : longest_token_life;
}

result<std::vector<revocation>> sql_store::list_revocations() {
  std::vector<revocation> rows;
  auto read = db_->each(select_revocation + " ORDER BY kind, source, value",
                        [&](const row& r) { rows.push_back(revocation_from(r)); });
  if (!read) return std::unexpected(std::move(read.error()));
  return rows;
}

result<void> sql_store::note_token_life(std::string_view source, std::chrono::seconds longest) {
  if (auto fit = check_source(source); !fit) return fit;
  const auto noted = db_->number("SELECT seconds FROM source_life WHERE source = $1", source);
  if (!noted) return std::unexpected(noted.error());
  if (*noted && **noted >= longest.count()) return {};  // a node starts without a write
  return write([&] {
    return db_->run(
        "INSERT INTO source_life VALUES ($1, $2) ON CONFLICT (source) DO UPDATE"
        " SET seconds = CASE WHEN source_life.seconds > excluded.seconds"
        " THEN source_life.seconds ELSE excluded.seconds END",
        source, longest.count());
  });
}

}  // namespace filemint::store
