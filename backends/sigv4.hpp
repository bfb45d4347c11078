// Presigned GET requests by AWS Signature Version 4 (AWS, "Authenticating Requests: Using Query
// Parameters"). The token of a path is the query string that opens it.
#pragma once

#include "core/clock.hpp"
#include "core/crypto/hmac_sha256.hpp"
#include "core/file_path.hpp"
#include "core/secret.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::backends {

struct aws_credentials {
  std::string access_key_id;
  secret secret_access_key;
  secret session_token;  // of temporary ones; empty: none
};

// What a signature is good for.
struct sigv4_scope {
  std::string region;
  std::string service;  // s3
  friend bool operator==(const sigv4_scope&, const sigv4_scope&) = default;
};

// A day's signing key, as secret as what it is made of. Immutable, thread safe.
class sigv4_key {
public:
  sigv4_key(const secret& secret_access_key, const sigv4_scope& scope, wall_time day);

  // Whether it signs at that time: it belongs to a day of UTC.
  [[nodiscard]] bool signs_at(wall_time at) const noexcept;
  // DATE/REGION/SERVICE/aws4_request
  [[nodiscard]] const std::string& scope() const noexcept { return scope_; }
  [[nodiscard]] const hmac_sha256& hmac() const noexcept { return hmac_; }

private:
  wall_time day_;
  std::string scope_;
  hmac_sha256 hmac_;
};

// A further parameter of the query, not encoded yet.
struct sigv4_parameter {
  std::string_view name, value;
};

struct presign_terms {
  std::string_view host;        // the Host field that the client will send
  std::string_view uri_prefix;  // what stands before the path in the URI, encoded
  wall_time at;
  std::chrono::seconds expires_in;  // at most seven days
  std::span<const sigv4_parameter> more = {};
};

// Signs any number of paths on the same terms. Const members may run on several threads at once.
class sigv4_presigner {
public:
  // `key` is of those credentials and signs at terms.at.
  sigv4_presigner(const aws_credentials& who, std::shared_ptr<const sigv4_key> key,
                  const presign_terms& terms);

  // Exact, in bytes, and the same for all.
  [[nodiscard]] std::size_t token_size() const noexcept;
  // Writes the query that opens paths[i] at places[i], which then is its end. At most at_once. The
  // client sends the path as api::kept_bytes::unreserved_path, encoded once and not normalised.
  static constexpr std::size_t at_once = hmac_lanes;
  void sign(std::span<const file_path> paths, std::span<char*> places) const;

private:
  std::shared_ptr<const sigv4_key> key_;
  std::string query_;                      // canonical: the parameters by their encoded names
  std::string before_path_, behind_path_;  // of the canonical request
  std::string to_sign_;                    // up to the canonical request's digest
};

}  // namespace filemint::backends
