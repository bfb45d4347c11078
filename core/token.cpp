#include "core/token.hpp"

#include "core/crypto/base64url.hpp"
#include "core/signing_key.hpp"

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

char* token_signer::sign(json_content path, std::uint64_t jti, char* out) const {
  const auto tail_size = path.escaped_size() + behind_path_size;
  char* const encoded = out + head_.size();
  char* const encoded_end = encoded + base64url_size(tail_size);

  // The rest of the claims waits where the token will end; its encoding never overtakes it.
  char* const tail = encoded_end + 1 + signature_size_ - tail_size;
  put(after_jti, put_jti(jti, put(before_jti, path.write(tail))));
  put(head_, out);
  base64url_encode({tail, tail_size}, encoded);

  *encoded_end = '.';
  if (mac_) {
    const auto mac = mac_->mac({encoded, encoded_end});
    return base64url_encode({reinterpret_cast<const char*>(mac.data()), mac.size()},
                            encoded_end + 1);
  }
  const auto signature = key_->ed25519()->sign({out, encoded_end});
  return base64url_encode({reinterpret_cast<const char*>(signature.data()), signature.size()},
                          encoded_end + 1);
}

bool verified_token::allows(std::string_view method) const noexcept {
  if (method_.empty()) return method == "GET" || method == "HEAD";
  return method == method_;
}

}  // namespace filemint
