// The SQLite store's limits, and the keys' counts of the day.
#include "store/rules.hpp"
#include "store/sqlite_rows.hpp"
#include "store/sqlite_store.hpp"

#include <chrono>
#include <utility>

namespace filemint::store {

result<void> sqlite_store::set_company_limits(std::string_view company,
                                              const company_limits& limits) {
  if (auto fit = check_limits(limits); !fit) return fit;
  return write([&]() -> result<void> {
    const auto known = find_company(company);
    if (!known) return std::unexpected(known.error());
    if (company_limits{known->window_limit, known->token_limit, known->throttle} == limits) {
      return {};
    }
    const auto& [per_day, rate, burst] = limits.throttle;
    auto done = db_.run(
        "UPDATE company SET window_limit = ?, token_limit = ?, throttle_per_day = ?,"
        " throttle_rate = ?, throttle_burst = ? WHERE id = ?",
        limits.calls, limits.tokens, per_day, rate, burst, company);
    return done ? log("company", company) : done;
  });
}

result<void> sqlite_store::set_key_throttle(std::string_view key_id,
                                            const throttle_terms& throttle) {
  if (auto fit = check_throttle(throttle); !fit) return fit;
  return write([&]() -> result<void> {
    std::optional<throttle_terms> known;
    auto read = db_.each(
        select_key + " WHERE id = ?", [&](sqlite::row r) { known = key_from(r).throttle; }, key_id);
    if (!read) return std::unexpected(std::move(read.error()));
    if (!known) return fail(errc::not_found, "there is no such API key");
    if (*known == throttle) return {};
    const auto& [per_day, rate, burst] = throttle;
    auto done = db_.run(
        "UPDATE api_key SET throttle_per_day = ?, throttle_rate = ?, throttle_burst = ?"
        " WHERE id = ?",
        per_day, rate, burst, key_id);
    return done ? log("api_key", key_id) : done;
  });
}

result<void> sqlite_store::put_key_days(std::span<const key_day> counts) {
  if (auto done = reopen_if_replaced(); !done) return done;
  return write([&]() -> result<void> {
    auto put = db_.prepare(
        "INSERT INTO key_day SELECT id, ?2, ?3 FROM api_key WHERE id = ?1"
        " ON CONFLICT (key) DO UPDATE SET day = excluded.day, calls = excluded.calls");
    if (!put) return std::unexpected(std::move(put.error()));
    for (const auto& [key, count] : counts) {
      put->bind(1, std::string_view{key});
      put->bind(2, count.day().time_since_epoch().count());
      put->bind(3, count.calls());
      if (const auto stepped = put->step(); !stepped) return std::unexpected(stepped.error());
    }
    return {};
  });
}

result<std::vector<key_day>> sqlite_store::load_key_days(std::chrono::sys_days from) {
  const auto first = from.time_since_epoch().count();
  auto done = write([&] { return db_.run("DELETE FROM key_day WHERE day < ?", first); });
  if (!done) return std::unexpected(std::move(done.error()));
  std::vector<key_day> counts;
  auto read = db_.each("SELECT key, day, calls FROM key_day", [&](sqlite::row r) {
    const std::chrono::sys_days day{std::chrono::days{r.integer(1)}};
    counts.push_back(
        {std::string(r.text(0)), day_count(day, static_cast<std::uint64_t>(r.integer(2)))});
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return counts;
}

}  // namespace filemint::store
