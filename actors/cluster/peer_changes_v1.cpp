#include "actors/cluster/peer_changes_v1.hpp"

#include "store/rules.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

namespace filemint::actors::peer_v1 {
namespace {

constexpr std::uint64_t most_age_us = 3'600'000'000;
// In the place of a number: the teller does not know it either.
constexpr std::uint8_t unknown_algorithm = 255;

std::int64_t seconds_of(const std::optional<wall_time>& at) {
  return at ? unix_seconds(*at) : 0;
}
wall_time time_of(std::int64_t seconds) {
  return wall_time{std::chrono::seconds{seconds}};
}
std::optional<wall_time> time_or_none(std::int64_t seconds) {
  if (seconds == 0) return std::nullopt;
  return time_of(seconds);
}

throttle to_wire(const throttle_terms& of) {
  return {of.per_day, of.rate, of.burst};
}
throttle_terms from_wire(const throttle& of) {
  return {.per_day = of.per_day, .rate = of.rate, .burst = of.burst};
}

company_row to_wire(const company& of) {
  company_row row{.id = of.id,
                  .suspended = of.suspended,
                  .window_limit = of.window_limit,
                  .token_limit = of.token_limit,
                  .limits = to_wire(of.throttle),
                  .granted = {}};
  for (const auto& [source, prefixes] : of.granted.by_source()) {
    row.granted.push_back({source, prefixes.prefixes()});
  }
  return row;
}

result<company> from_wire(const company_row& row) {
  auto throttle = from_wire(row.limits);
  const store::company_row checked{.id = row.id,
                                   .suspended = row.suspended,
                                   .window_limit = row.window_limit,
                                   .token_limit = row.token_limit,
                                   .throttle = throttle};
  if (auto fit = check(checked); !fit) return std::unexpected(std::move(fit.error()));
  std::map<std::string, prefix_set, std::less<>> granted;
  for (const auto& [source, prefixes] : row.granted) granted.emplace(source, prefix_set(prefixes));
  return company{.id = row.id,
                 .suspended = row.suspended,
                 .window_limit = row.window_limit,
                 .token_limit = row.token_limit,
                 .throttle = throttle,
                 .granted = grants(std::move(granted))};
}

key_row to_wire(const store::key_row& of) {
  return {.id = of.id,
          .company = of.company,
          .secret_hash = {of.secret_hash.begin(), of.secret_hash.end()},
          .scope = of.scope,
          .expires_at = seconds_of(of.expires_at),
          .limits = to_wire(of.throttle)};
}

result<store::key_row> from_wire(const key_row& row) {
  store::key_row out{.id = row.id,
                     .company = row.company,
                     .scope = row.scope,
                     .expires_at = time_or_none(row.expires_at),
                     .throttle = from_wire(row.limits)};
  if (row.secret_hash.size() != out.secret_hash.size()) {
    return fail(errc::invalid_argument, "a hash of another length");
  }
  std::ranges::transform(row.secret_hash, out.secret_hash.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  if (auto fit = check(out); !fit) return std::unexpected(std::move(fit.error()));
  return out;
}

signing_key_row to_wire(const store::signing_key_row& of) {
  return {.kid = of.kid,
          .source = of.source,
          .algorithm = of.algorithm ? static_cast<std::uint8_t>(*of.algorithm) : unknown_algorithm,
          .state = static_cast<std::uint8_t>(of.state),
          .sealed = of.sealed,
          .created_at = unix_seconds(of.created_at),
          .activated_at = seconds_of(of.activated_at),
          .retire_at = seconds_of(of.retire_at)};
}

result<store::signing_key_row> from_wire(const signing_key_row& row) {
  if (row.state > static_cast<std::uint8_t>(key_state::retiring)) {
    return fail(errc::invalid_argument, "a state that is none");
  }
  std::optional<token_algorithm> algorithm;
  if (row.algorithm <= static_cast<std::uint8_t>(token_algorithm::es256)) {
    algorithm = static_cast<token_algorithm>(row.algorithm);
  }
  return store::signing_key_row{.kid = row.kid,
                                .source = row.source,
                                .algorithm = algorithm,
                                .state = static_cast<key_state>(row.state),
                                .sealed = row.sealed,
                                .created_at = time_of(row.created_at),
                                .activated_at = time_or_none(row.activated_at),
                                .retire_at = time_or_none(row.retire_at)};
}

revocation_row to_wire(const revocation& of) {
  return {.kind = static_cast<std::uint8_t>(of.kind),
          .source = of.source,
          .value = of.value,
          .issued_until = unix_seconds(of.issued_until),
          .forget_at = unix_seconds(of.forget_at)};
}

result<revocation> from_wire(const revocation_row& row) {
  if (row.kind > static_cast<std::uint8_t>(revocation_kind::prefix)) {
    return fail(errc::invalid_argument, "a kind of revocation that is none");
  }
  return revocation{.kind = static_cast<revocation_kind>(row.kind),
                    .source = row.source,
                    .value = row.value,
                    .issued_until = time_of(row.issued_until),
                    .forget_at = time_of(row.forget_at)};
}

template <class To, class Rows>
std::vector<To> all_to_wire(const Rows& rows) {
  std::vector<To> out;
  out.reserve(rows.size());
  for (const auto& each : rows) out.push_back(to_wire(each));
  return out;
}

template <class Rows, class To>
result<void> all_from_wire(const Rows& rows, std::vector<To>& to) {
  to.reserve(rows.size());
  for (const auto& each : rows) {
    auto row = from_wire(each);
    if (!row) return std::unexpected(std::move(row.error()));
    to.push_back(std::move(*row));
  }
  return {};
}

}  // namespace

changes_ask to_wire(std::uint64_t call, const store::change_question& asked) {
  return {.call = call,
          .store_id = asked.known.store_id,
          .number = asked.known.number,
          .life = asked.known.life,
          .part = asked.part};
}

store::change_question from_wire(const changes_ask& asked) {
  return {.known = {.store_id = asked.store_id, .number = asked.number, .life = asked.life},
          .part = asked.part};
}

changes_part to_wire(std::uint64_t call, const store::change_part& part) {
  const auto& rows = part.rows;
  changes_part out{
      .call = call,
      .store_id = rows.at.store_id,
      .number = rows.at.number,
      .life = rows.at.life,
      .whole = part.whole,
      .last = part.last,
      .age_us = static_cast<std::uint64_t>(std::max<std::int64_t>(0, part.age.count())),
      .companies = all_to_wire<company_row>(rows.companies),
      .keys = all_to_wire<key_row>(rows.keys),
      .revoked_keys = rows.revoked_keys,
      .has_signing_keys = rows.signing_keys.has_value(),
      .signing_keys = {},
      .revoked = all_to_wire<revocation_row>(rows.revoked)};
  if (rows.signing_keys) out.signing_keys = all_to_wire<signing_key_row>(*rows.signing_keys);
  return out;
}

result<store::change_part> from_wire(const changes_part& part) {
  if (part.age_us > most_age_us) return fail(errc::invalid_argument, "an age that is none");
  store::change_part out{
      .whole = part.whole, .last = part.last, .age = std::chrono::microseconds{part.age_us}};
  auto& rows = out.rows;
  rows.at = {.store_id = part.store_id, .number = part.number, .life = part.life};
  rows.revoked_keys = part.revoked_keys;
  auto taken = all_from_wire(part.companies, rows.companies);
  if (taken) taken = all_from_wire(part.keys, rows.keys);
  if (taken) taken = all_from_wire(part.revoked, rows.revoked);
  if (taken && part.has_signing_keys) {
    taken = all_from_wire(part.signing_keys, rows.signing_keys.emplace());
  }
  if (!taken) return std::unexpected(std::move(taken.error()));
  return out;
}

}  // namespace filemint::actors::peer_v1
