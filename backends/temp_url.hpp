// Temporary URLs of OpenStack Swift (Swift, "TempURL Middleware"): the token of a path is the query
// string that opens it for GET, and so for HEAD.
#pragma once

#include "core/clock.hpp"
#include "core/config/source_config.hpp"
#include "core/crypto/hmac_sha256.hpp"
#include "core/crypto/hmac_sha512.hpp"
#include "core/file_path.hpp"
#include "core/secret.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace filemint::backends {

// A Temp-URL-Key, made ready to sign with. Immutable, thread safe.
class temp_url_key {
public:
  using any_hmac = std::variant<hmac_sha256, hmac_sha512>;

  temp_url_key(const secret& key, temp_url_digest digest);

  [[nodiscard]] const any_hmac& hmac() const noexcept { return hmac_; }

private:
  any_hmac hmac_;
};

// Signs any number of paths on the same terms. Const members may run on several threads at once.
class temp_url_signer {
public:
  // `container`: what stands before an object's name in the URL's path, /v1/ACCOUNT/CONTAINER/.
  temp_url_signer(std::shared_ptr<const temp_url_key> key, std::string_view container,
                  wall_time expires_at);

  // Exact, in bytes, and the same for all.
  [[nodiscard]] std::size_t token_size() const noexcept;
  // Writes the query that opens paths[i] at places[i], which then is its end. At most at_once. What
  // is signed are the path's own bytes, which Swift decodes from the URL.
  static constexpr std::size_t at_once = hmac_lanes;
  void sign(std::span<const file_path> paths, std::span<char*> places) const;

private:
  void sign_by(const hmac_sha256& hmac, std::span<const std::string_view> messages,
               std::span<char*> places) const;
  void sign_by(const hmac_sha512& hmac, std::span<const std::string_view> messages,
               std::span<char*> places) const;

  std::shared_ptr<const temp_url_key> key_;
  std::string before_path_;       // of what is signed
  std::string behind_signature_;  // of the query
};

}  // namespace filemint::backends
