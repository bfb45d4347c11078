// What signs for a source.
#include "backends/azure.hpp"
#include "backends/gcs.hpp"
#include "backends/local.hpp"
#include "backends/renewable.hpp"
#include "backends/s3.hpp"
#include "backends/swift.hpp"
#include "core/config/secret_reference.hpp"
#include "core/crypto/base64.hpp"
#include "src/node.hpp"
#include "src/renewals.hpp"

#include <memory>
#include <string>
#include <utility>

namespace filemint {
namespace {

// Nothing: an empty secret.
result<secret> read_of(const source_config& source, const std::string& key,
                       const std::string& reference) {
  if (reference.empty()) return secret{};
  auto held = read_secret(reference);
  if (held) return held;
  return fail(errc::wrong_key, "sources." + source.name + "." + key + ": " + held.error().message);
}

result<backends::aws_credentials> read_credentials(const source_config& source) {
  auto id = read_of(source, "access_key_id", source.bucket.access_key_id);
  if (!id) return std::unexpected(id.error());
  auto key = read_of(source, "secret_access_key", source.bucket.secret_access_key);
  if (!key) return std::unexpected(key.error());
  auto token = read_of(source, "session_token", source.bucket.session_token);
  if (!token) return std::unexpected(token.error());
  return backends::aws_credentials{.access_key_id = std::string{id->reveal()},
                                   .secret_access_key = std::move(*key),
                                   .session_token = std::move(*token)};
}

result<backends::sas_key> read_account_key(const source_config& source) {
  auto text = read_of(source, "account_key", source.bucket.account_key);
  if (!text) return std::unexpected(text.error());
  const auto key = base64_decode(text->reveal());
  if (!key || key->empty()) {
    return fail(errc::wrong_key, "sources." + source.name + ".account_key: " +
                                     source.bucket.account_key + " holds no base64");
  }
  return backends::sas_key{*key};
}

result<backends::gcs_credentials> read_gcs_credentials(const source_config& source) {
  if (source.bucket.signer == gcs_signer::hmac) return read_credentials(source);
  auto json = read_of(source, "service_account", source.bucket.service_account);
  if (!json) return std::unexpected(json.error());
  auto account = backends::parse_service_account(*json);
  if (account) return std::move(*account);
  return fail(errc::wrong_key, "sources." + source.name + ".service_account: " +
                                   source.bucket.service_account + ": " + account.error().message);
}

// What signs once its credentials have come.
node::made_backend without_credentials(const source_config& source) {
  auto opened = open_renewals(source);
  if (!opened) return std::unexpected(opened.error());
  return std::make_unique<backends::renewable>(std::move(opened->first), wall_time::min());
}

}  // namespace

node::made_backend node::make_backend(const config& settings, const source_config& source) {
  if (source.bucket.renews_credentials()) return without_credentials(source);
  switch (source.type) {
    case source_type::local:
      return std::make_unique<backends::local>(source.name, settings.mint.issuer);
    case source_type::edge:
      return std::make_unique<backends::local>(source.name, settings.mint.issuer,
                                               backends::local::server::edge);
    case source_type::s3: {
      auto who = read_credentials(source);
      if (!who) return std::unexpected(who.error());
      return std::make_unique<backends::s3>(source.name, backends::place_of(source.bucket),
                                            std::move(*who));
    }
    case source_type::azure: {
      auto key = read_account_key(source);
      if (!key) return std::unexpected(key.error());
      return std::make_unique<backends::azure>(
          source.name, backends::place_of_container(source.bucket), std::move(*key));
    }
    case source_type::gcs: {
      auto who = read_gcs_credentials(source);
      if (!who) return std::unexpected(who.error());
      return std::make_unique<backends::gcs>(source.name, backends::gcs_place_of(source.bucket),
                                             std::move(*who));
    }
    case source_type::swift: {
      const auto key = read_of(source, "temp_url_key", source.bucket.temp_url_key);
      if (!key) return std::unexpected(key.error());
      return std::make_unique<backends::swift>(source.name, backends::swift_place_of(source.bucket),
                                               *key, source.bucket.digest);
    }
  }
  std::unreachable();
}

}  // namespace filemint
