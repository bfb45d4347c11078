// Access tokens: JWTs (RFC 7519) signed with HS256, ES256 (RFC 7518) or EdDSA over Ed25519 (RFC
// 8037). The claims that are the same for a whole request stand first, so that their base64url and
// their SHA-256 state are made once a request.
#pragma once

#include "core/clock.hpp"
#include "core/crypto/hmac_sha256.hpp"
#include "core/file_path.hpp"
#include "core/json_escape.hpp"
#include "core/key_ring.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace filemint {

struct token_terms {
  std::string_view issuer;
  std::string_view source;   // aud
  std::string_view company;  // cid
  std::string_view key_id;   // akid: the API key's id
  wall_time issued_at;
  wall_time expires_at;
};

// Signs any number of paths on the same terms. Movable. Const members may run on several threads at
// once.
class token_signer {
public:
  token_signer(const signing_key& key, const token_terms& terms);  // key must outlive it

  // Exact, in bytes.
  [[nodiscard]] std::size_t size_for(json_content path) const noexcept;
  // Writes size_for(path) bytes at `out`, which need not be initialised, and returns the end.
  // `jti`: 64 random bits.
  char* sign(json_content path, std::uint64_t jti, char* out) const;
  // With one claim more, `filename`: the file is to be saved under that name.
  [[nodiscard]] std::size_t size_for(json_content path, json_content file_name) const noexcept;
  char* sign(json_content path, json_content file_name, std::uint64_t jti, char* out) const;

  // As many tokens are signed at once. More gain nothing by being given together.
  static constexpr std::size_t at_once = hmac_lanes;
  // The token of paths[i] under jtis[i], at places[i], which then is its end. All of one length, at
  // most at_once.
  void sign(std::span<const file_path> paths, std::span<const std::uint64_t> jtis,
            std::span<char*> places) const;

private:
  [[nodiscard]] std::size_t size_around(std::size_t rest) const noexcept;
  std::string_view write_rest(json_content path, const std::uint64_t& jti,
                              char* out) const noexcept;
  char* sign_rest(std::string_view rest, char* out) const;

  const signing_key* key_;
  std::string head_;  // the token up to the path, whole groups of four characters
  std::optional<hmac_sha256::prefix> mac_;  // HS256: the state behind head_
  std::size_t signature_size_;              // in characters
};

// Only verify_token makes one.
class verified_token {
public:
  [[nodiscard]] const std::string& source() const noexcept { return source_; }
  [[nodiscard]] const std::string& company() const noexcept { return company_; }
  [[nodiscard]] const std::string& key_id() const noexcept { return key_id_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& jti() const noexcept { return jti_; }
  [[nodiscard]] wall_time issued_at() const noexcept { return issued_at_; }
  [[nodiscard]] wall_time expires_at() const noexcept { return expires_at_; }
  // Under which the file is to be saved; may be empty. Nothing: it is not to be.
  [[nodiscard]] const std::optional<std::string>& file_name() const noexcept { return file_name_; }
  // GET and HEAD, or the one of them that the token's `method` claim names.
  [[nodiscard]] bool allows(std::string_view method) const noexcept;

private:
  friend result<verified_token> verify_token(std::string_view, std::string_view, std::string_view,
                                             const key_ring&, wall_time, std::chrono::seconds);
  verified_token() = default;
  std::string source_, company_, key_id_, path_, jti_, method_;
  std::optional<std::string> file_name_;
  wall_time issued_at_{}, expires_at_{};
};

inline constexpr std::size_t max_token_bytes = 8 * 1024;

// `token` is a compact JWS (RFC 7515 §7.1) of at most max_token_bytes. Errors: invalid_access_token
// for whatever does not verify (the algorithm is the key's, never the token's; key.source = aud =
// source; iss = issuer; iat at most skew ahead), expired_access_token when all is well but exp +
// skew has passed.
[[nodiscard]] result<verified_token> verify_token(std::string_view token, std::string_view issuer,
                                                  std::string_view source, const key_ring& keys,
                                                  wall_time at, std::chrono::seconds skew);

}  // namespace filemint
