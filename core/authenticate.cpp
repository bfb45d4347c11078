#include "core/authenticate.hpp"

#include "core/api_key.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace filemint {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

std::optional<std::string_view> bearer_credential(std::string_view authorization) noexcept {
  constexpr std::string_view scheme = "bearer";
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ')
    return std::nullopt;
  const auto given = authorization.substr(0, scheme.size());
  if (!std::ranges::equal(given, scheme, {}, lower)) return std::nullopt;
  const auto start = authorization.find_first_not_of(' ', scheme.size());
  if (start == std::string_view::npos) return std::nullopt;
  return authorization.substr(start);
}

bool is_secret_of(const api_key_record& key, std::string_view key_secret) {
  const std::span<const std::uint8_t> kept{key.secret_hash};
  return equal_secrets(api_key::hash_secret(key_secret), kept);
}

result<principal> authenticate(std::optional<std::string_view> authorization,
                               const directory& people, route_scope route, wall_time at) {
  const auto credential = authorization ? bearer_credential(*authorization) : std::nullopt;
  if (!credential) return fail(errc::unauthorized);

  const auto given = api_key::parse(*credential);
  if (!given) return fail(errc::invalid_api_key);
  const auto* key = people.find_key(given->id);
  if (key == nullptr) return fail(errc::invalid_api_key);
  if (!is_secret_of(*key, given->secret)) return fail(errc::invalid_api_key);
  if (key->expires_at != 0 && unix_seconds(at) >= std::int64_t{key->expires_at}) {
    return fail(errc::expired_api_key);
  }
  const auto& caller = people.company_of(*key);
  if (caller.suspended) return fail(errc::forbidden);
  if ((key->scope & route) == 0) return fail(errc::endpoint_not_found);
  return principal{&caller, key};
}

}  // namespace filemint
