#include "core/token.hpp"

#include "core/crypto/base64url.hpp"
#include "core/put_text.hpp"
#include "core/signing_key.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace filemint {
namespace {

constexpr std::string_view before_file_name = R"(","filename":")";
constexpr std::string_view before_jti = R"(","jti":")";
constexpr std::string_view after_jti = R"("})";
constexpr std::size_t jti_size = base64url_size(sizeof(std::uint64_t));
constexpr std::size_t behind_path_size = before_jti.size() + jti_size + after_jti.size();

std::uint64_t big_endian(std::uint64_t jti) noexcept {
  return std::endian::native == std::endian::little ? std::byteswap(jti) : jti;
}

char* put_jti(const std::uint64_t& in_big_endian, char* out) noexcept {
  const auto* bytes = reinterpret_cast<const char*>(&in_big_endian);
  return base64url_encode({bytes, sizeof in_big_endian}, out);
}

template <class Bytes>
char* put_signature(const Bytes& signature, char* out) noexcept {
  *out++ = '.';
  return base64url_encode({reinterpret_cast<const char*>(signature.data()), signature.size()}, out);
}

std::string header_of(const signing_key& key) {
  std::string json = R"({"alg":")";
  json.append(jose_name(key.algorithm())).append(R"(","kid":")").append(key.kid());
  return json.append(R"(","typ":"JWT"})");
}

std::string claims_before_path(const token_terms& terms) {
  std::string json = R"({"iss":")";
  json.append(json_escaped(terms.issuer)).append(R"(","aud":")").append(json_escaped(terms.source));
  json.append(R"(","cid":")").append(json_escaped(terms.company));
  json.append(R"(","akid":")").append(json_escaped(terms.key_id));
  json.append(R"(","iat":)").append(std::to_string(unix_seconds(terms.issued_at)));
  json.append(R"(,"exp":)").append(std::to_string(unix_seconds(terms.expires_at)));
  json.append(R"(,"sub":")");
  json.insert(1, (3 - json.size() % 3) % 3, ' ');  // base64url goes by three bytes
  return json;
}

}  // namespace

token_signer::token_signer(const signing_key& key, const token_terms& terms)
    : key_(&key), signature_size_(base64url_size(key.signature_size())) {
  const auto header = header_of(key);
  const auto claims = claims_before_path(terms);
  head_.resize(base64url_size(header.size()) + 1 + base64url_size(claims.size()));
  char* out = base64url_encode(header, head_.data());
  *out++ = '.';
  base64url_encode(claims, out);
  if (const auto* hmac = key.hmac()) mac_ = hmac->begin(head_);
}

std::size_t token_signer::size_around(std::size_t rest) const noexcept {
  return head_.size() + base64url_size(rest) + 1 + signature_size_;
}

std::size_t token_signer::size_for(json_content path) const noexcept {
  return size_around(path.escaped_size() + behind_path_size);
}

std::size_t token_signer::size_for(json_content path, json_content file_name) const noexcept {
  return size_around(path.escaped_size() + before_file_name.size() + file_name.escaped_size() +
                     behind_path_size);
}

// Where the rest of the claims waits, at the end of the token's place: their encoding never
// overtakes them.
std::string_view token_signer::write_rest(json_content path, const std::uint64_t& jti,
                                          char* out) const noexcept {
  const auto size = path.escaped_size() + behind_path_size;
  char* const rest = out + head_.size() + base64url_size(size) + 1 + signature_size_ - size;
  put_text(after_jti, put_jti(jti, put_text(before_jti, path.write(rest))));
  return {rest, size};
}

char* token_signer::sign(json_content path, std::uint64_t jti, char* out) const {
  return sign_rest(write_rest(path, big_endian(jti), out), out);
}

char* token_signer::sign(json_content path, json_content file_name, std::uint64_t jti,
                         char* out) const {
  std::string rest(
      path.escaped_size() + before_file_name.size() + file_name.escaped_size() + behind_path_size,
      '\0');
  char* end = file_name.write(put_text(before_file_name, path.write(rest.data())));
  put_text(after_jti, put_jti(big_endian(jti), put_text(before_jti, end)));
  return sign_rest(rest, out);
}

char* token_signer::sign_rest(std::string_view rest, char* out) const {
  char* const end = base64url_encode(rest, put_text(head_, out));
  const std::string_view message{out, end};
  if (mac_) return put_signature(mac_->mac(message), end);
  const auto* ed25519 = key_->ed25519();
  return put_signature(ed25519 ? ed25519->sign(message) : key_->p256()->sign(message), end);
}

void token_signer::sign(std::span<const file_path> paths, std::span<const std::uint64_t> jtis,
                        std::span<char*> places) const {
  if (!mac_) {
    for (std::size_t i = 0; i < paths.size(); ++i) places[i] = sign(paths[i], jtis[i], places[i]);
    return;
  }
  std::array<std::string_view, at_once> messages;
  std::array<sha256_digest, at_once> macs;
  std::array<std::uint64_t, at_once> ids;
  // In turns: what was written a moment ago is slow to read in other pieces.
  std::ranges::transform(jtis, ids.begin(), big_endian);
  for (std::size_t i = 0; i < paths.size(); ++i)
    messages[i] = write_rest(paths[i], ids[i], places[i]);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    char* const begin =
        std::exchange(places[i], base64url_encode(messages[i], put_text(head_, places[i])));
    messages[i] = {begin, places[i]};
  }
  mac_->macs(std::span(messages).first(paths.size()), macs);
  for (std::size_t i = 0; i < paths.size(); ++i) places[i] = put_signature(macs[i], places[i]);
}

bool verified_token::allows(std::string_view method) const noexcept {
  if (method_.empty()) return method == "GET" || method == "HEAD";
  return method == method_;
}

}  // namespace filemint
