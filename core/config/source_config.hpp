// Where files lie: a source of the configuration. Plain data, part of `config`.
#pragma once

#include "core/file_path.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace filemint {

// The longest that a source's max_life can be.
inline constexpr std::chrono::seconds longest_token_life = std::chrono::days{7};
// The farthest that signatures can be dated back.
inline constexpr std::chrono::seconds longest_backdate = std::chrono::minutes{15};

enum class token_algorithm : std::uint8_t { hs256, eddsa, es256 };

// The backend's driver.
enum class source_type : std::uint8_t { local, edge, s3, azure, gcs, swift };

// As the configuration writes it.
[[nodiscard]] constexpr std::string_view name_of(source_type type) noexcept {
  switch (type) {
    case source_type::local:
      return "local";
    case source_type::edge:
      return "edge";
    case source_type::s3:
      return "s3";
    case source_type::azure:
      return "azure";
    case source_type::gcs:
      return "gcs";
    case source_type::swift:
      return "swift";
  }
  return {};
}

// How a bucket's name (Azure: the account's) stands in a request.
enum class bucket_addressing : std::uint8_t {
  path,          // behind the endpoint's '/'
  virtual_host,  // before the endpoint's host
  bucket_bound   // nowhere: the endpoint's host is the bucket's
};

// Whose key signs URLs of Google Cloud Storage.
enum class gcs_signer : std::uint8_t {
  service_account,
  hmac,
  sign_blob  // Google itself signs each, asked by an account of the machine's
};

// Where the credentials come from that sign for a source on S3 or Azure.
enum class credential_kind : std::uint8_t {
  given,  // by reference; `static` in the file
  // s3
  instance,
  container,
  web_identity,
  managed_identity  // azure
};

// What Swift's signatures are made with.
enum class temp_url_digest : std::uint8_t { sha256, sha512 };

// Of a source on an object store.
struct bucket_config {
  std::string name = {};             // the bucket's; Azure's and Swift's container's
  std::string account = {};          // azure, swift
  std::string endpoint = {};         // URL without a path; empty: the vendor's own
  std::string public_endpoint = {};  // what is signed and stands in `urls`; empty: the endpoint
  std::string region = "us-east-1";  // s3
  bucket_addressing addressing = bucket_addressing::virtual_host;
  gcs_signer signer = gcs_signer::service_account;
  credential_kind credentials = credential_kind::given;
  std::string credentials_endpoint = {};  // URL without a path; empty: the vendor's own
  std::string role_arn = {};              // s3: of web_identity; empty: AWS_ROLE_ARN
  std::string client_id = {};             // azure: of one identity among several
  std::string sign_as = {};               // gcs: the account that signs; empty: the machine's
  std::string sign_blob_endpoint = {};    // gcs
  temp_url_digest digest = temp_url_digest::sha256;
  // References, file:PATH or env:NAME.
  std::string access_key_id = {};      // s3, gcs
  std::string secret_access_key = {};  // s3, gcs
  std::string session_token = {};      // s3, of temporary credentials; empty: none
  std::string service_account = {};    // gcs: its JSON key file
  std::string account_key = {};        // azure
  std::string temp_url_key = {};       // swift
  // s3: of web_identity; empty: AWS_WEB_IDENTITY_TOKEN_FILE.
  std::string web_identity_token = {};

  [[nodiscard]] const std::string& endpoint_of_clients() const noexcept {
    return public_endpoint.empty() ? endpoint : public_endpoint;
  }
  // Empty: the vendor's own. What has none, and a bucket's own host, is where clients reach it.
  [[nodiscard]] const std::string& endpoint_of_node(source_type type) const noexcept {
    const bool vendors =
        type != source_type::swift && addressing != bucket_addressing::bucket_bound;
    return vendors ? endpoint : endpoint.empty() ? public_endpoint : endpoint;
  }

  // A cloud gives them out, and they end.
  [[nodiscard]] bool renews_credentials() const noexcept {
    return credentials != credential_kind::given || signer == gcs_signer::sign_blob;
  }

  friend bool operator==(const bucket_config&, const bucket_config&) = default;
};

// Those of its members that name secrets.
inline constexpr std::array bucket_secrets{
    &bucket_config::access_key_id,     &bucket_config::secret_access_key,
    &bucket_config::session_token,     &bucket_config::service_account,
    &bucket_config::account_key,       &bucket_config::temp_url_key,
    &bucket_config::web_identity_token};

struct source_config {
  std::string name = {};  // 1 to 32 of [a-z0-9_-]
  source_type type = source_type::local;
  std::filesystem::path root = {};  // local: where its files lie
  bucket_config bucket = {};        // of an object store
  bool check_exists = false;
  path_rules rules = path_rules::strict;  // of an object store
  // Of an object store, while its files are looked for.
  bool missing_as_403 = false;  // s3, gcs: 403 stands for a file that is missing
  std::size_t exists_cache_entries = 100'000;
  std::chrono::milliseconds exists_cache_life{30'000};
  token_algorithm algorithm = token_algorithm::hs256;
  // What `urls` begins with; local: empty: the listener + /files/{source}/
  std::string public_url = {};
  std::chrono::seconds default_life{300};
  std::chrono::seconds max_life{3'600};
  std::chrono::seconds backdate{0};  // s3, gcs, edge: how long ago signatures say they were made

  // `/files` serves it.
  [[nodiscard]] bool is_local() const noexcept { return type == source_type::local; }
  // Its tokens are ours, and `/verify` knows them.
  [[nodiscard]] bool has_our_tokens() const noexcept {
    return is_local() || type == source_type::edge;
  }

  friend bool operator==(const source_config&, const source_config&) = default;
};

}  // namespace filemint
