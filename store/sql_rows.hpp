// How a store's tables are read: for each kind of row its SELECT, to which a WHERE or
// ORDER BY may be added, and what makes the row of it.
#pragma once

#include "core/signing_key.hpp"
#include "store/database.hpp"
#include "store/rules.hpp"
#include "store/store.hpp"

#include <algorithm>
#include <string>

namespace filemint::store {

inline const std::string select_company =
    "SELECT id, suspended, window_limit, created_at, token_limit, throttle_per_day, throttle_rate,"
    " throttle_burst FROM company";
inline const std::string select_key =
    "SELECT id, company, secret_hash, scope, expires_at, created_at, revoked_at, throttle_per_day,"
    " throttle_rate, throttle_burst FROM api_key";
inline const std::string select_grant =
    "SELECT company, source, prefix, created_at FROM company_grant";
inline const std::string select_signing_key =
    "SELECT kid, source, algorithm, state, sealed, created_at, activated_at, retire_at"
    " FROM signing_key";

inline const std::string select_revocation =
    "SELECT kind, source, value, issued_until, forget_at FROM revocation";

[[nodiscard]] inline wall_time time_from(std::int64_t seconds) {
  return wall_time(std::chrono::seconds(seconds));
}

[[nodiscard]] inline std::optional<wall_time> time_at(const row& r, int column) {
  if (r.is_null(column)) return std::nullopt;
  return time_from(r.integer(column));
}

[[nodiscard]] inline std::optional<std::int64_t> seconds_of(std::optional<wall_time> time) {
  if (!time) return std::nullopt;
  return unix_seconds(*time);
}

[[nodiscard]] inline blob blob_of(std::string_view bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// Of three columns from that one on.
[[nodiscard]] inline throttle_terms throttle_from(const row& r, int column) {
  return {.per_day = static_cast<std::uint32_t>(r.integer(column)),
          .rate = static_cast<std::uint16_t>(r.integer(column + 1)),
          .burst = static_cast<std::uint16_t>(r.integer(column + 2))};
}

[[nodiscard]] inline company_row company_from(const row& r) {
  return {.id = std::string(r.text(0)),
          .suspended = r.integer(1) != 0,
          .window_limit = static_cast<std::uint64_t>(r.integer(2)),
          .created_at = time_from(r.integer(3)),
          .token_limit = static_cast<std::uint64_t>(r.integer(4)),
          .throttle = throttle_from(r, 5)};
}

[[nodiscard]] inline key_row key_from(const row& r) {
  key_row key{.id = std::string(r.text(0)),
              .company = std::string(r.text(1)),
              .scope = static_cast<route_scope>(r.integer(3)),
              .expires_at = time_at(r, 4),
              .created_at = time_from(r.integer(5)),
              .revoked_at = time_at(r, 6),
              .throttle = throttle_from(r, 7)};
  const auto hash = r.bytes(2);  // the schema holds it to 32 bytes
  std::copy_n(hash.begin(), std::min(hash.size(), key.secret_hash.size()), key.secret_hash.begin());
  return key;
}

[[nodiscard]] inline grant_row grant_from(const row& r) {
  return {.company = std::string(r.text(0)),
          .source = std::string(r.text(1)),
          .prefix = std::string(r.text(2)),
          .created_at = time_from(r.integer(3))};
}

[[nodiscard]] inline signing_key_row signing_key_from(const row& r) {
  const auto algorithm = algorithm_from_jose_name(r.text(2));
  const auto sealed = r.bytes(4);
  return {.kid = std::string(r.text(0)),
          .source = std::string(r.text(1)),
          .algorithm = algorithm,
          .state = key_state_from(r.text(3)).value_or(key_state::prepared),
          .sealed = std::string(sealed.begin(), sealed.end()),
          .created_at = time_from(r.integer(5)),
          .activated_at = time_at(r, 6),
          .retire_at = time_at(r, 7),
          .unknown_algorithm = algorithm ? std::string() : std::string(r.text(2))};
}

[[nodiscard]] inline revocation revocation_from(const row& r) {
  return {.kind = revocation_kind_from(r.text(0)).value_or(revocation_kind::jti),
          .source = std::string(r.text(1)),
          .value = std::string(r.text(2)),
          .issued_until = time_from(r.integer(3)),
          .forget_at = time_from(r.integer(4))};
}

}  // namespace filemint::store
