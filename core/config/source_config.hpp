// Where files lie: a source of the configuration. Plain data, part of `config`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace filemint {

// The longest that a source's max_life can be.
inline constexpr std::chrono::seconds longest_token_life = std::chrono::days{7};

enum class token_algorithm : std::uint8_t { hs256, eddsa };

// How a bucket's name stands in a request.
enum class bucket_addressing : std::uint8_t {
  path,          // behind the endpoint's '/'
  virtual_host,  // before the endpoint's host
  bucket_bound   // nowhere: the endpoint's host is the bucket's
};

// Of a source on an object store.
struct bucket_config {
  std::string name = {};             // the bucket's
  std::string endpoint = {};         // URL without a path; empty: the vendor's own of the region
  std::string public_endpoint = {};  // what is signed and stands in `urls`; empty: the endpoint
  std::string region = "us-east-1";
  bucket_addressing addressing = bucket_addressing::virtual_host;
  // References, file:PATH or env:NAME.
  std::string access_key_id = {};
  std::string secret_access_key = {};
  std::string session_token = {};  // of temporary credentials; empty: none

  [[nodiscard]] const std::string& endpoint_of_clients() const noexcept {
    return public_endpoint.empty() ? endpoint : public_endpoint;
  }

  friend bool operator==(const bucket_config&, const bucket_config&) = default;
};

struct source_config {
  std::string name = {};            // 1 to 32 of [a-z0-9_-]
  std::string type = "local";       // the backend's driver
  std::filesystem::path root = {};  // local: where its files lie
  bucket_config bucket = {};        // s3
  bool check_exists = false;
  token_algorithm algorithm = token_algorithm::hs256;
  // local: what `urls` begins with; empty: the listener + /files/{source}/
  std::string public_url = {};
  std::chrono::seconds default_life{300};
  std::chrono::seconds max_life{3'600};

  // Its tokens are ours, and `/files` and `/verify` know them.
  [[nodiscard]] bool is_local() const noexcept { return type == "local"; }

  friend bool operator==(const source_config&, const source_config&) = default;
};

}  // namespace filemint
