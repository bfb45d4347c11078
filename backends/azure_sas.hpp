// Shared access signatures for reading one blob of Azure Storage (Microsoft, "Create a service SAS"
// and "Create a user delegation SAS"). The token of a path is the query string that opens it.
#pragma once

#include "api/attachments.hpp"
#include "core/clock.hpp"
#include "core/crypto/hmac_sha256.hpp"
#include "core/file_path.hpp"
#include "core/secret.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::backends {

// A user delegation key (Microsoft, "Get User Delegation Key"), which Azure gives an identity of
// Entra for at most seven days. A signature by it ends no later than the key.
struct azure_delegation {
  std::string object_id;    // skoid: whose it is
  std::string tenant_id;    // sktid
  wall_time starts_at;      // skt
  wall_time expires_at;     // ske
  std::string service;      // sks: b
  std::string api_version;  // skv: the version of the API that gave it
  secret value;             // decoded
};

// What signs: an account's key, or one that stands for an identity. Immutable, thread safe.
class sas_key {
public:
  // As Azure shows it, but decoded.
  explicit sas_key(const secret& account_key) noexcept : hmac_(account_key.reveal()) {}
  explicit sas_key(const azure_delegation& by);

  [[nodiscard]] const hmac_sha256& hmac() const noexcept { return hmac_; }
  // skoid, sktid, skt, ske, sks, skv; none of an account's key.
  [[nodiscard]] std::span<const std::string> delegation() const noexcept { return delegation_; }

private:
  hmac_sha256 hmac_;
  std::vector<std::string> delegation_;
};

struct sas_terms {
  std::string_view account;
  std::string_view container;
  wall_time expires_at;
  // Nothing: at once. Before this time Azure refuses it, by its own clock.
  std::optional<wall_time> starts_at = {};
  bool https_alone = true;         // false: over http too
  api::attachments saved_as = {};  // as rscd; outlives the signer
};

// Signs any number of paths on the same terms. Const members may run on several threads at once.
class sas_signer {
public:
  sas_signer(std::shared_ptr<const sas_key> key, const sas_terms& terms);

  // In bytes: signatures are in base64, of which '+' and '/' are escaped.
  [[nodiscard]] std::size_t max_token_size(file_path path) const;
  // Writes the query that opens paths[i] at places[i], which then is its end. At most at_once. What
  // is signed is the path's own bytes; the client sends it encoded once.
  static constexpr std::size_t at_once = hmac_lanes;
  void sign(std::span<const file_path> paths, std::span<char*> places) const;

private:
  void sign_with_dispositions(std::span<const file_path> paths, std::span<char*> places) const;
  void sign_texts(std::span<const std::string_view> texts, std::span<char*> places) const;

  std::shared_ptr<const sas_key> key_;
  std::string query_;                      // up to the signature
  std::string before_path_, behind_path_;  // of the string to sign
  api::attachments saved_as_;
  std::size_t disposition_at_ = 0;  // its place in behind_path_
};

}  // namespace filemint::backends
