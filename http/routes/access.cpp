#include "http/routes/access.hpp"

#include "api/percent.hpp"
#include "core/file_path.hpp"

namespace filemint::http {

namespace {

// A good token of another source is told from a bad one: the first is 403, the second 401.
result<verified_token> verify_with_any_key(std::string_view token, std::string_view likely_source,
                                           const core_view& view) {
  const auto& mint = view.settings.mint;
  const auto try_ring = [&](std::string_view source, const key_ring& ring) {
    return verify_token(token, mint.issuer, source, ring, view.at.wall, mint.clock_skew);
  };
  const auto settles = [](const result<verified_token>& tried) {
    return tried || tried.error().code == errc::expired_access_token;
  };
  const auto likely = view.known.signing.find(likely_source);
  if (likely != view.known.signing.end()) {
    if (auto tried = try_ring(likely->first, likely->second); settles(tried)) return tried;
  }
  for (const auto& [source, ring] : view.known.signing) {
    if (source == likely_source) continue;
    if (auto tried = try_ring(source, ring); settles(tried)) return tried;
  }
  return fail(errc::invalid_access_token);
}

}  // namespace

result<std::optional<std::string>> token_in_query(std::string_view query) {
  auto found = api::find_query_parameter(query, "token");
  switch (found.count) {
    case api::parameter_count::none:
      return std::nullopt;
    case api::parameter_count::one:
      return std::move(found.value);
    default:
      return fail(errc::invalid_access_token);
  }
}

result<verified_token> check_token(std::string_view token, std::string_view likely_source,
                                   const core_view& view) {
  if (!view.can_tell_tokens()) return fail(errc::service_unavailable);
  if (token.empty()) return fail(errc::unauthorized);
  auto good = verify_with_any_key(token, likely_source, view);
  if (!good) return good;
  const auto* key = view.known.people.find_key(good->key_id());
  if (!key) return fail(errc::invalid_access_token);
  const auto& owner = view.known.people.company_of(*key);
  if (owner.id != good->company()) return fail(errc::invalid_access_token);
  if (view.known.revoked.end({.jti = good->jti(),
                              .key_id = good->key_id(),
                              .company = good->company(),
                              .source = good->source(),
                              .path = good->path(),
                              .issued_at = good->issued_at()})) {
    return fail(errc::invalid_access_token);
  }
  if (owner.suspended) return fail(errc::forbidden);
  return good;
}

bool opens(const verified_token& token, std::string_view method, std::string_view source,
           std::string_view path, const snapshot& known) noexcept {
  if (!token.allows(method) || token.source() != source || token.path() != path) return false;
  const auto* owner = known.people.find_company(token.company());
  const auto* granted = owner ? owner->granted.on(source) : nullptr;
  const auto legal = file_path::make(path);
  return granted && legal && granted->covers(*legal);
}

}  // namespace filemint::http
