// The store's limits, and the keys' counts of the day.
#include "store/batches.hpp"
#include "store/rules.hpp"
#include "store/sql_rows.hpp"
#include "store/sql_store.hpp"

#include <chrono>
#include <utility>

namespace filemint::store {

result<void> sql_store::set_company_limits(std::string_view company, const company_limits& limits) {
  if (auto fit = check_limits(limits); !fit) return fit;
  return write([&]() -> result<void> {
    const auto known = find_company(company);
    if (!known) return std::unexpected(known.error());
    if (company_limits{known->window_limit, known->token_limit, known->throttle} == limits) {
      return {};
    }
    const auto& [per_day, rate, burst] = limits.throttle;
    auto done = db_->run(
        "UPDATE company SET window_limit = $1, token_limit = $2, throttle_per_day = $3,"
        " throttle_rate = $4, throttle_burst = $5 WHERE id = $6",
        limits.calls, limits.tokens, per_day, rate, burst, company);
    return done ? log("company", company) : done;
  });
}

result<void> sql_store::set_key_throttle(std::string_view key_id, const throttle_terms& throttle) {
  if (auto fit = check_throttle(throttle); !fit) return fit;
  return write([&]() -> result<void> {
    std::optional<throttle_terms> known;
    auto read = db_->each(
        select_key + " WHERE id = $1", [&](const row& r) { known = key_from(r).throttle; }, key_id);
    if (!read) return std::unexpected(std::move(read.error()));
    if (!known) return fail(errc::not_found, "there is no such API key");
    if (*known == throttle) return {};
    const auto& [per_day, rate, burst] = throttle;
    auto done = db_->run(
        "UPDATE api_key SET throttle_per_day = $1, throttle_rate = $2, throttle_burst = $3"
        " WHERE id = $4",
        per_day, rate, burst, key_id);
    return done ? log("api_key", key_id) : done;
  });
}

result<void> sql_store::put_key_days(std::span<const key_day> counts) {
  if (auto done = db_->refresh(); !done) return done;
  return write(access::counts, [&]() -> result<void> {
    for (const auto batch : batches(counts)) {
      std::vector<value> values;
      for (const auto& [key, count] : batch) {
        values.insert(values.end(), {key, count.day().time_since_epoch().count(), count.calls()});
      }
      auto put =
          db_->run("WITH told (key, day, calls) AS (VALUES " + placeholders(batch.size(), 3) +
                       ") INSERT INTO key_day (key, day, calls)"
                       " SELECT told.key, told.day, told.calls FROM told"
                       " JOIN api_key ON api_key.id = told.key WHERE true"
                       " ON CONFLICT (key) DO UPDATE SET day = excluded.day,"
                       " calls = CASE WHEN key_day.day = excluded.day"
                       " AND key_day.calls > excluded.calls"
                       " THEN key_day.calls ELSE excluded.calls END"
                       " WHERE key_day.day <= excluded.day OR key_day.day > excluded.day + 1",
                   std::span<const value>(values));
      if (!put) return put;
    }
    return {};
  });
}

result<std::vector<key_day>> sql_store::load_key_days(std::chrono::sys_days from) {
  const auto first = from.time_since_epoch().count();
  auto done =
      write(access::counts, [&] { return db_->run("DELETE FROM key_day WHERE day < $1", first); });
  if (!done) return std::unexpected(std::move(done.error()));
  std::vector<key_day> counts;
  auto read = db_->each("SELECT key, day, calls FROM key_day", [&](const row& r) {
    const std::chrono::sys_days day{std::chrono::days{r.integer(1)}};
    counts.push_back(
        {std::string(r.text(0)), day_count(day, static_cast<std::uint64_t>(r.integer(2)))});
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return counts;
}

}  // namespace filemint::store
