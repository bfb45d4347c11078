#include "core/token.hpp"

#include "core/crypto/base64url.hpp"
#include "core/signing_key.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace filemint {
namespace {

constexpr std::string_view before_jti = R"(","jti":")";
constexpr std::string_view after_jti = R"("})";
constexpr std::size_t jti_size = base64url_size(sizeof(std::uint64_t));
constexpr std::size_t behind_path_size = before_jti.size() + jti_size + after_jti.size();

// std::ranges::copy goes byte by byte here.
char* put(std::string_view text, char* out) noexcept {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_jti(std::uint64_t jti, char* out) noexcept {
  if constexpr (std::endian::native == std::endian::little) jti = std::byteswap(jti);
  return base64url_encode({reinterpret_cast<const char*>(&jti), sizeof jti}, out);
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

std::size_t token_signer::size_for(json_content path) const noexcept {
  const auto tail_size = path.escaped_size() + behind_path_size;
  return head_.size() + base64url_size(tail_size) + 1 + signature_size_;
}

char* token_signer::write_unsigned(json_content path, std::uint64_t jti, char* out) const noexcept {
  const auto tail_size = path.escaped_size() + behind_path_size;
  char* const encoded = out + head_.size();
  char* const encoded_end = encoded + base64url_size(tail_size);

  // The rest of the claims waits where the token will end; its encoding never overtakes it.
  char* const tail = encoded_end + 1 + signature_size_ - tail_size;
  put(after_jti, put_jti(jti, put(before_jti, path.write(tail))));
  put(head_, out);
  return base64url_encode({tail, tail_size}, encoded);
}

char* token_signer::sign(json_content path, std::uint64_t jti, char* out) const {
  char* const end = write_unsigned(path, jti, out);
  const std::string_view message{out, end};
  return mac_ ? put_signature(mac_->mac(message), end)
              : put_signature(key_->ed25519()->sign(message), end);
}

void token_signer::sign(std::span<const file_path> paths, std::span<const std::uint64_t> jtis,
                        std::span<char*> places) const {
  if (!mac_) {
    for (std::size_t i = 0; i < paths.size(); ++i) places[i] = sign(paths[i], jtis[i], places[i]);
    return;
  }
  std::array<std::string_view, at_once> messages;
  std::array<sha256_digest, at_once> macs;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    char* const begin = places[i];
    places[i] = write_unsigned(paths[i], jtis[i], begin);
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
