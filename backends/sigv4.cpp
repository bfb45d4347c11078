#include "backends/sigv4.hpp"

#include "api/percent.hpp"
#include "core/crypto/sha256.hpp"
#include "core/put_hex.hpp"
#include "core/put_text.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <utility>

namespace filemint::backends {
namespace {

using api::kept_bytes;

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view before_signature = "&X-Amz-Signature=";
constexpr std::size_t hex_digest_size = 2 * hmac_sha256::size;

// ISO 8601's basic form, 20130524T000000Z.
std::string basic_time(wall_time at) {
  auto text = rfc3339(at);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::string basic_date(wall_time at) {
  return basic_time(at).substr(0, 8);
}

std::string_view bytes_of(const sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")
hmac_sha256 derived(const secret& secret_access_key, const sigv4_scope& scope, wall_time day) {
  constexpr std::string_view before = "AWS4";
  std::string first;
  first.reserve(before.size() + secret_access_key.size());  // it leaves no shorter one behind
  first.append(before).append(secret_access_key.reveal());
  auto mac = hmac_sha256{first}.mac(basic_date(day));
  wipe(first);
  for (const std::string_view part :
       {std::string_view{scope.region}, std::string_view{scope.service},
        std::string_view{"aws4_request"}}) {
    mac = hmac_sha256{bytes_of(mac)}.mac(part);
  }
  const hmac_sha256 made{bytes_of(mac)};
  OPENSSL_cleanse(mac.data(), mac.size());
  return made;
}

}  // namespace

sigv4_key::sigv4_key(const secret& secret_access_key, const sigv4_scope& scope, wall_time day)
    : day_(std::chrono::floor<std::chrono::days>(day)),
      scope_(basic_date(day) + '/' + scope.region + '/' + scope.service + "/aws4_request"),
      hmac_(derived(secret_access_key, scope, day)) {}

bool sigv4_key::signs_at(wall_time at) const noexcept {
  return std::chrono::floor<std::chrono::days>(at) == day_;
}

sigv4_presigner::sigv4_presigner(const aws_credentials& who, std::shared_ptr<const sigv4_key> key,
                                 const presign_terms& terms)
    : key_(std::move(key)) {
  const auto time = basic_time(terms.at);
  std::vector<std::pair<std::string, std::string>> parameters{
      {"X-Amz-Algorithm", std::string{algorithm}},
      {"X-Amz-Credential", who.access_key_id + '/' + key_->scope()},
      {"X-Amz-Date", time},
      {"X-Amz-Expires", std::to_string(terms.expires_in.count())},
      {"X-Amz-SignedHeaders", "host"}};
  if (!who.session_token.empty()) {
    parameters.emplace_back("X-Amz-Security-Token", who.session_token.reveal());
  }
  for (const auto& [name, value] : terms.more) parameters.emplace_back(name, value);
  for (auto& [name, value] : parameters) {
    name = api::percent_encode(name, kept_bytes::unreserved);
    value = api::percent_encode(value, kept_bytes::unreserved);
  }
  std::ranges::sort(parameters);
  for (const auto& [name, value] : parameters) {
    if (!query_.empty()) query_ += '&';
    query_.append(name).append("=").append(value);
  }
  before_path_.append("GET\n").append(terms.uri_prefix);
  behind_path_.append("\n").append(query_).append("\nhost:").append(terms.host);
  behind_path_.append("\n\nhost\nUNSIGNED-PAYLOAD");
  to_sign_.append(algorithm).append("\n").append(time).append("\n");
  to_sign_.append(key_->scope()).append("\n");
}

std::size_t sigv4_presigner::token_size() const noexcept {
  return query_.size() + before_signature.size() + hex_digest_size;
}

// Step by step for all of them: the digests of many take little longer than those of a few.
void sigv4_presigner::sign(std::span<const file_path> paths, std::span<char*> places) const {
  const auto count = paths.size();
  std::array<std::size_t, at_once> sizes;
  std::array<std::string_view, at_once> messages;
  std::array<sha256_digest, at_once> digests;
  const auto cut = [&](std::string_view all) {
    for (std::size_t i = 0; i < count; ++i) {
      messages[i] = all.substr(0, sizes[i]);
      all.remove_prefix(sizes[i]);
    }
    return std::span(messages).first(count);
  };

  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sizes[i] = before_path_.size() + behind_path_.size() +
               api::percent_encoded_size(paths[i].bytes(), kept_bytes::unreserved_path);
    size += sizes[i];
  }
  std::string text(size, '\0');
  char* out = text.data();
  for (const auto path : paths) {
    out = put_text(before_path_, out);
    out = api::percent_encode(path.bytes(), out, kept_bytes::unreserved_path);
    out = put_text(behind_path_, out);
  }
  sha256_each(cut(text), digests);

  sizes.fill(to_sign_.size() + hex_digest_size);
  text.resize(count * sizes.front());
  out = text.data();
  for (std::size_t i = 0; i < count; ++i) out = put_hex(digests[i], put_text(to_sign_, out));
  key_->hmac().begin(to_sign_).macs(cut(text), digests);
  for (std::size_t i = 0; i < count; ++i)
    places[i] = put_hex(digests[i], put_text(before_signature, put_text(query_, places[i])));
}

}  // namespace filemint::backends
