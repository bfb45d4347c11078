// Presigned requests by HMAC: AWS Signature Version 4 (AWS, "Authenticating Requests: Using
// Query Parameters"), and Google's like it (Google Cloud, "Signatures"). The token of a path is the
// query string that opens it.
#pragma once

#include "backends/presigned_requests.hpp"
#include "core/clock.hpp"
#include "core/crypto/hmac_sha256.hpp"
#include "core/file_path.hpp"
#include "core/secret.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace filemint::backends {

struct aws_credentials {
  std::string access_key_id;
  secret secret_access_key;
  secret session_token;  // of temporary ones; empty: none
};

// A day's signing key, as secret as what it is made of. Immutable, thread safe.
class sigv4_key {
public:
  sigv4_key(const secret& secret_access_key, const sigv4_scope& scope, wall_time day,
            const sigv4_dialect& dialect = aws4_hmac);

  // Whether it signs at that time: it belongs to a day of UTC.
  [[nodiscard]] bool signs_at(wall_time at) const noexcept;
  // DATE/REGION/SERVICE/aws4_request
  [[nodiscard]] const std::string& scope() const noexcept { return scope_; }
  [[nodiscard]] const sigv4_dialect& dialect() const noexcept { return dialect_; }
  [[nodiscard]] const hmac_sha256& hmac() const noexcept { return hmac_; }

private:
  wall_time day_;
  sigv4_dialect dialect_;
  std::string scope_;
  hmac_sha256 hmac_;
};

// The signing key of the last day that was asked for, so that a call derives none. Thread safe.
class sigv4_key_of_day {
public:
  // Always of the same secret, scope and dialect.
  [[nodiscard]] std::shared_ptr<const sigv4_key> at(wall_time when, const secret& secret_access_key,
                                                    const sigv4_scope& scope,
                                                    const sigv4_dialect& dialect = aws4_hmac) const;

private:
  mutable std::atomic<std::shared_ptr<const sigv4_key>> last_;
};

// Signs any number of paths on the same terms. Const members may run on several threads at once.
class sigv4_presigner {
public:
  // `key` is of those credentials and signs at terms.at.
  sigv4_presigner(const aws_credentials& who, std::shared_ptr<const sigv4_key> key,
                  const presign_terms& terms);

  // Exact, in bytes.
  [[nodiscard]] std::size_t token_size(file_path path) const;
  // Writes the query that opens paths[i] at places[i], which then is its end. At most at_once. The
  // client sends the path as api::kept_bytes::unreserved_path, encoded once and not normalised.
  static constexpr std::size_t at_once = presigned_requests::at_once;
  void sign(std::span<const file_path> paths, std::span<char*> places) const;

private:
  std::shared_ptr<const sigv4_key> key_;
  presigned_requests requests_;
};

}  // namespace filemint::backends
