#include "core/config/credential_checks.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace filemint {
namespace {

// As the file writes it.
std::string_view word_of(credential_kind kind) {
  switch (kind) {
    case credential_kind::given:
      return "static";
    case credential_kind::instance:
      return "instance";
    case credential_kind::container:
      return "container";
    case credential_kind::web_identity:
      return "web_identity";
    case credential_kind::managed_identity:
      return "managed_identity";
  }
  return {};
}

std::string_view word_of(gcs_signer signer) {
  switch (signer) {
    case gcs_signer::service_account:
      return "service_account";
    case gcs_signer::hmac:
      return "hmac";
    case gcs_signer::sign_blob:
      return "sign_blob";
  }
  return {};
}

bool gives_to(credential_kind kind, source_type type) {
  if (kind == credential_kind::given) return true;
  return (kind == credential_kind::managed_identity) == (type == source_type::azure);
}

struct checked_key {
  std::string_view name;
  std::string bucket_config::* value;
  bool used = false;    // by such credentials
  bool needed = false;  // not without it
};

void check_keys(const bucket_config& bucket, auto keys, const std::string& of,
                const std::string& what, const std::string& key, config_notes& notes) {
  for (const auto& each : keys) {
    const auto where = key + "." + std::string{each.name};
    const bool there = !(bucket.*each.value).empty();
    if (there && !each.used) {
      notes.complain_at(where, key, "not with " + what);
    } else if (!there && each.needed && !notes.refused(where)) {
      notes.complain_at(where, key, of + " needs " + std::string{each.name});
    }
  }
}

}  // namespace

void check_credentials(const source_config& source, const std::string& key, config_notes& notes) {
  const auto& bucket = source.bucket;
  const auto kind = bucket.credentials;
  const auto of = "a source of type " + std::string{name_of(source.type)};
  if (notes.refused(key + ".credentials") || notes.refused(key + ".signer")) return;
  const bool given = kind == credential_kind::given;
  const auto what = "credentials: " + std::string{word_of(kind)};
  const auto of_what = given ? of : of + " with " + what;
  if (source.type == source_type::s3 || source.type == source_type::azure) {
    if (!gives_to(kind, source.type)) {
      notes.complain_at(key + ".credentials", key, "not for " + of);
      return;
    }
  }
  switch (source.type) {
    case source_type::local:
    case source_type::edge:
      break;
    case source_type::s3: {
      const bool web = kind == credential_kind::web_identity;
      check_keys(
          bucket,
          std::array{
              checked_key{"access_key_id", &bucket_config::access_key_id, given, given},
              checked_key{"secret_access_key", &bucket_config::secret_access_key, given, given},
              checked_key{"session_token", &bucket_config::session_token, given},
              checked_key{"role_arn", &bucket_config::role_arn, web},
              checked_key{"web_identity_token", &bucket_config::web_identity_token, web},
              checked_key{"credentials_endpoint", &bucket_config::credentials_endpoint,
                          web || kind == credential_kind::instance}},
          of_what, what, key, notes);
      break;
    }
    case source_type::azure:
      check_keys(bucket,
                 std::array{checked_key{"account_key", &bucket_config::account_key, given, given},
                            checked_key{"client_id", &bucket_config::client_id, !given},
                            checked_key{"credentials_endpoint",
                                        &bucket_config::credentials_endpoint, !given}},
                 of_what, what, key, notes);
      break;
    case source_type::gcs: {
      const bool account = bucket.signer == gcs_signer::service_account;
      const bool hmac = bucket.signer == gcs_signer::hmac;
      const bool remote = bucket.signer == gcs_signer::sign_blob;
      // Google, "Signed URLs": it may give up a key of its own half a day after its last signature.
      if (remote && source.max_life > std::chrono::hours{12}) {
        notes.complain_at(key + ".max_life", key, "at most 12h with signer: sign_blob");
      }
      if (remote && source.check_exists) {
        notes.complain_at(
            key + ".check_exists", key,
            "not with signer: sign_blob, which would sign each probe by a call of its "
            "own");
      }
      const auto signer = "signer: " + std::string{word_of(bucket.signer)};
      check_keys(
          bucket,
          std::array{
              checked_key{"service_account", &bucket_config::service_account, account, account},
              checked_key{"access_key_id", &bucket_config::access_key_id, hmac, hmac},
              checked_key{"secret_access_key", &bucket_config::secret_access_key, hmac, hmac},
              checked_key{"sign_as", &bucket_config::sign_as, remote},
              checked_key{"sign_blob_endpoint", &bucket_config::sign_blob_endpoint, remote},
              checked_key{"credentials_endpoint", &bucket_config::credentials_endpoint, remote}},
          account ? of : of + " with " + signer, signer, key, notes);
      break;
    }
    case source_type::swift:
      check_keys(bucket,
                 std::array{checked_key{"temp_url_key", &bucket_config::temp_url_key, true, true}},
                 of, "", key, notes);
      break;
  }
}

}  // namespace filemint
