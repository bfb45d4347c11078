#include "backends/temp_url.hpp"

#include "core/crypto/base64url.hpp"
#include "core/put_hex.hpp"
#include "core/put_text.hpp"

#include <array>
#include <utility>

namespace filemint::backends {
namespace {

// A signature in hex is one by the digest of its length; SHA-512's has to name it and be base64.
constexpr std::string_view before_sha256 = "temp_url_sig=";
constexpr std::string_view before_sha512 = "temp_url_sig=sha512:";

std::size_t size_of(const hmac_sha256&) noexcept {
  return before_sha256.size() + 2 * hmac_sha256::size;
}
std::size_t size_of(const hmac_sha512&) noexcept {
  return before_sha512.size() + base64url_size(hmac_sha512::size);
}

}  // namespace

temp_url_key::temp_url_key(const secret& key, temp_url_digest digest)
    : hmac_(digest == temp_url_digest::sha256 ? any_hmac{hmac_sha256{key.reveal()}}
                                              : any_hmac{hmac_sha512{key.reveal()}}) {}

temp_url_signer::temp_url_signer(std::shared_ptr<const temp_url_key> key,
                                 std::string_view container, wall_time expires_at)
    : key_(std::move(key)) {
  const auto expires = std::to_string(unix_seconds(expires_at));
  before_path_.append("GET\n").append(expires).append("\n").append(container);
  behind_signature_.append("&temp_url_expires=").append(expires);
}

std::size_t temp_url_signer::token_size() const noexcept {
  return std::visit([](const auto& hmac) { return size_of(hmac); }, key_->hmac()) +
         behind_signature_.size();
}

void temp_url_signer::sign(std::span<const file_path> paths, std::span<char*> places) const {
  std::size_t size = paths.size() * before_path_.size();
  for (const auto path : paths) size += path.bytes().size();
  std::string text(size, '\0');
  std::array<std::string_view, at_once> messages;
  char* out = text.data();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    char* const begin = out;
    out = put_text(paths[i].bytes(), put_text(before_path_, out));
    messages[i] = {begin, out};
  }
  std::visit(
      [&](const auto& hmac) { sign_by(hmac, std::span(messages).first(paths.size()), places); },
      key_->hmac());
}

void temp_url_signer::sign_by(const hmac_sha256& hmac, std::span<const std::string_view> messages,
                              std::span<char*> places) const {
  std::array<sha256_digest, at_once> digests;
  hmac.begin(before_path_).macs(messages, digests);
  for (std::size_t i = 0; i < messages.size(); ++i)
    places[i] =
        put_text(behind_signature_, put_hex(digests[i], put_text(before_sha256, places[i])));
}

void temp_url_signer::sign_by(const hmac_sha512& hmac, std::span<const std::string_view> messages,
                              std::span<char*> places) const {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto digest = hmac.mac(messages[i]);
    const std::string_view bytes{reinterpret_cast<const char*>(digest.data()), digest.size()};
    places[i] =
        put_text(behind_signature_, base64url_encode(bytes, put_text(before_sha512, places[i])));
  }
}

}  // namespace filemint::backends
