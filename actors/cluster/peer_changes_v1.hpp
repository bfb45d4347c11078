// What nodes say to each other of the store's changes: messages of peer_v1, and their way from and
// to the store's own form. Sealed signing keys and hashes of keys' secrets are among them: they
// cross the link, and are never printed.
#pragma once

#include "core/result.hpp"
#include "store/change_part.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace filemint::actors::peer_v1 {

// What has changed in the store since that position? Its first part, or the next one.
struct changes_ask {
  static constexpr const char* wire_name = "fm1.changes_ask";
  std::uint64_t call = 0;
  std::string store_id;
  std::uint64_t number = 0;
  std::uint64_t life = 0;
  std::uint32_t part = 0;
};

// I can't tell: I do not read the store either, or know less than you.
struct changes_unknown {
  static constexpr const char* wire_name = "fm1.changes_unknown";
  std::uint64_t call = 0;
};

struct throttle {
  std::uint32_t per_day = 0;
  std::uint16_t rate = 0, burst = 0;
};

struct source_grants {
  std::string source;
  std::vector<std::string> prefixes;
};

struct company_row {
  std::string id;
  bool suspended = false;
  std::uint64_t window_limit = 0, token_limit = 0;
  throttle limits;
  std::vector<source_grants> granted;
};

struct key_row {
  std::string id, company;
  std::string secret_hash;  // 32 bytes
  std::uint8_t scope = 0;
  std::int64_t expires_at = 0;  // Unix seconds; 0: never
  throttle limits;
};

struct signing_key_row {
  std::string kid, source;
  std::uint8_t algorithm = 0;  // 0 HS256, 1 EdDSA, 2 ES256
  std::uint8_t state = 0;      // 0 prepared, 1 active, 2 retiring
  std::string sealed;
  std::int64_t created_at = 0, activated_at = 0, retire_at = 0;  // Unix seconds; 0: none
};

struct revocation_row {
  std::uint8_t kind = 0;  // 0 jti, 1 key, 2 company, 3 path, 4 prefix
  std::string source, value;
  std::int64_t issued_until = 0, forget_at = 0;  // Unix seconds
};

// This has. Rows tell how they stand now; `has_signing_keys`: these are all there are.
struct changes_part {
  static constexpr const char* wire_name = "fm1.changes_part";
  std::uint64_t call = 0;
  std::string store_id;
  std::uint64_t number = 0;
  std::uint64_t life = 0;
  bool whole = false;  // all there is, in the place of what was known
  bool last = false;
  std::uint64_t age_us = 0;  // since the store was read so
  std::vector<company_row> companies;
  std::vector<key_row> keys;
  std::vector<std::string> revoked_keys;
  bool has_signing_keys = false;
  std::vector<signing_key_row> signing_keys;
  std::vector<revocation_row> revoked;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, changes_ask& x) {
  return f(caf::meta::type_name(changes_ask::wire_name), x.call, x.store_id, x.number, x.life,
           x.part);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, changes_unknown& x) {
  return f(caf::meta::type_name(changes_unknown::wire_name), x.call);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, throttle& x) {
  return f(x.per_day, x.rate, x.burst);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, source_grants& x) {
  return f(x.source, x.prefixes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, company_row& x) {
  return f(x.id, x.suspended, x.window_limit, x.token_limit, x.limits, x.granted);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, key_row& x) {
  return f(x.id, x.company, x.secret_hash, x.scope, x.expires_at, x.limits);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, signing_key_row& x) {
  return f(x.kid, x.source, x.algorithm, x.state, x.sealed, x.created_at, x.activated_at,
           x.retire_at);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, revocation_row& x) {
  return f(x.kind, x.source, x.value, x.issued_until, x.forget_at);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, changes_part& x) {
  return f(caf::meta::type_name(changes_part::wire_name), x.call, x.store_id, x.number, x.life,
           x.whole, x.last, x.age_us, x.companies, x.keys, x.revoked_keys, x.has_signing_keys,
           x.signing_keys, x.revoked);
}

[[nodiscard]] changes_ask to_wire(std::uint64_t call, const store::change_question& asked);
[[nodiscard]] store::change_question from_wire(const changes_ask& asked);
[[nodiscard]] changes_part to_wire(std::uint64_t call, const store::change_part& part);
// invalid_argument: a value that no store holds.
[[nodiscard]] result<store::change_part> from_wire(const changes_part& part);

}  // namespace filemint::actors::peer_v1
