// Requests for objects as signatures of version 4 see them: the canonical request of each path, and
// the string that is signed for it. Amazon's and Google's differ in names alone (AWS,
// "Authenticating Requests: Using Query Parameters"; Google Cloud, "Canonical requests" and
// "Signatures").
#pragma once

#include "api/attachments.hpp"
#include "core/clock.hpp"
#include "core/crypto/hmac_lanes.hpp"
#include "core/file_path.hpp"
#include "core/put_text.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace filemint::backends {

// The words of a vendor's signatures.
struct sigv4_dialect {
  std::string_view algorithm;
  std::string_view parameters;  // what the names of its parameters begin with
  std::string_view key;         // what stands before the secret that keys are derived from
  std::string_view scope_end;
};
inline constexpr sigv4_dialect aws4_hmac{"AWS4-HMAC-SHA256", "X-Amz-", "AWS4", "aws4_request"};
inline constexpr sigv4_dialect goog4_hmac{"GOOG4-HMAC-SHA256", "X-Goog-", "GOOG4", "goog4_request"};
inline constexpr sigv4_dialect goog4_rsa{"GOOG4-RSA-SHA256", "X-Goog-", "", "goog4_request"};

// What a signature is good for.
struct sigv4_scope {
  std::string region;
  std::string service;
  friend bool operator==(const sigv4_scope&, const sigv4_scope&) = default;
};

// 20130524, of UTC.
[[nodiscard]] std::string sigv4_date(wall_time at);
// DATE/REGION/SERVICE/aws4_request
[[nodiscard]] std::string write_scope(const sigv4_dialect& dialect, const sigv4_scope& scope,
                                      wall_time at);

// Who signs.
struct sigv4_signatory {
  std::string_view key_id;
  std::string_view scope;               // as write_scope writes it
  std::string_view session_token = {};  // empty: none
};

// A further parameter of the query, not encoded yet.
struct sigv4_parameter {
  std::string_view name, value;
};

struct presign_terms {
  std::string_view method = "GET";
  std::string_view host;        // the Host field that is signed
  std::string_view uri_prefix;  // what stands before the path in the URI, encoded
  wall_time at;
  std::chrono::seconds expires_in;  // at most seven days
  std::span<const sigv4_parameter> more = {};
  api::attachments saved_as = {};  // as response-content-disposition; outlives what signs
};

// Of any number of paths on the same terms. Immutable, thread safe.
class presigned_requests {
public:
  static constexpr std::size_t at_once = hmac_lanes;

  presigned_requests(const sigv4_dialect& dialect, const sigv4_signatory& who,
                     const presign_terms& terms);

  // The query that opens the path, but for its end, which is the path's signature in hex. Writes
  // query_size(path) bytes at `out` and returns the end.
  [[nodiscard]] std::size_t query_size(file_path path) const {
    return saved_as_.none() ? before_signature_.size() : size_with_disposition(path);
  }
  char* put_query(file_path path, char* out) const {
    return saved_as_.none() ? put_text(before_signature_, out) : put_with_disposition(path, out);
  }

  // What is signed: for each path a string of string_size() bytes, one behind the other, and each
  // begins with the same bytes. At most at_once. The client sends the path as
  // api::kept_bytes::unreserved_path, encoded once and not normalised.
  [[nodiscard]] std::string strings_to_sign(std::span<const file_path> paths) const;
  [[nodiscard]] std::size_t string_size() const noexcept;
  [[nodiscard]] const std::string& beginning() const noexcept { return beginning_; }

private:
  // The value of response-content-disposition, encoded; nothing: the path has none.
  [[nodiscard]] std::optional<std::string> disposition_of(file_path path) const;
  [[nodiscard]] std::size_t size_with_disposition(file_path path) const;
  char* put_with_disposition(file_path path, char* out) const;
  [[nodiscard]] std::string canonical_requests(std::span<const file_path> paths,
                                               std::span<std::size_t> sizes) const;
  [[nodiscard]] std::string with_dispositions(std::span<const file_path> paths,
                                              std::span<std::size_t> sizes) const;

  std::string before_signature_;
  std::string before_path_, behind_path_;  // of the canonical request
  api::attachments saved_as_;
  // Around a disposition in the query, and what stands behind the query.
  std::string before_disposition_, behind_disposition_, behind_query_, signature_name_;
  std::string beginning_;  // up to the canonical request's digest
};

}  // namespace filemint::backends
