#include "core/crypto/base64url.hpp"
#include "core/jose_object.hpp"
#include "core/signing_key.hpp"
#include "core/token.hpp"

#include <utility>

namespace filemint {
namespace {

// The parts of a compact JWS, as views into it.
struct compact_jws {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_bytes;  // header.payload
};

std::optional<compact_jws> split(std::string_view token) {
  if (token.size() > max_token_bytes) return std::nullopt;
  const auto first = token.find('.');
  if (first == token.npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == token.npos) return std::nullopt;
  return compact_jws{token.substr(0, first), token.substr(first + 1, second - first - 1),
                     token.substr(second + 1), token.substr(0, second)};
}

std::optional<jose_object> parse_part(std::string_view part) {
  const auto json = base64url_decode(part);
  return json ? jose_object::parse(*json) : std::nullopt;
}

bool is(const jose_object& object, std::string_view name, std::string_view expected) {
  const auto* text = object.text(name);
  return text != nullptr && *text == expected;
}

// The key that may verify the token, if its header is one that such a key's tokens have.
const signing_key* key_for(std::string_view header_part, const key_ring& keys, wall_time at) {
  const auto header = parse_part(header_part);
  if (!header || header->has("crit") || !is(*header, "typ", "JWT")) return nullptr;
  const auto* kid = header->text("kid");
  if (kid == nullptr) return nullptr;
  const auto* key = keys.find(*kid, at);
  if (key == nullptr || !is(*header, "alg", jose_name(key->algorithm()))) return nullptr;
  return key;
}

// Between 1970 and 9999, so that no sum with a skew overflows.
std::optional<wall_time> time_claim(const jose_object& claims, std::string_view name) {
  const auto seconds = claims.integer(name);
  if (!seconds || *seconds < 0 || *seconds > 253'402'300'799) return std::nullopt;
  return wall_time(std::chrono::seconds(*seconds));
}

// Copies a claim that must be there and not be empty.
bool take(const jose_object& claims, std::string_view name, std::string& out) {
  const auto* text = claims.text(name);
  if (text == nullptr || text->empty()) return false;
  out = *text;
  return true;
}

// An absent `method` leaves it empty; one that is not narrower than GET and HEAD is refused.
bool take_method(const jose_object& claims, std::string& out) {
  if (!claims.has("method")) return true;
  return take(claims, "method", out) && (out == "GET" || out == "HEAD");
}

// An absent `filename` leaves it out.
bool take_file_name(const jose_object& claims, std::optional<std::string>& out) {
  if (!claims.has("filename")) return true;
  const auto* text = claims.text("filename");
  if (text != nullptr) out = *text;
  return text != nullptr;
}

}  // namespace

result<verified_token> verify_token(std::string_view token, std::string_view issuer,
                                    std::string_view source, const key_ring& keys, wall_time at,
                                    std::chrono::seconds skew) {
  const auto invalid = fail(errc::invalid_access_token);
  const auto jws = split(token);
  if (!jws) return invalid;

  const auto* key = key_for(jws->header, keys, at);
  if (key == nullptr || key->source() != source) return invalid;
  const auto signature = base64url_decode(jws->signature);
  if (!signature || !key->verify(jws->signed_bytes, *signature)) return invalid;

  const auto claims = parse_part(jws->payload);
  if (!claims || !is(*claims, "iss", issuer) || !is(*claims, "aud", source)) return invalid;
  const auto issued_at = time_claim(*claims, "iat");
  const auto expires_at = time_claim(*claims, "exp");
  if (!issued_at || !expires_at || *issued_at > at + skew) return invalid;

  verified_token verified;
  verified.source_ = source;
  verified.issued_at_ = *issued_at;
  verified.expires_at_ = *expires_at;
  if (!take(*claims, "cid", verified.company_) || !take(*claims, "akid", verified.key_id_) ||
      !take(*claims, "sub", verified.path_) || !take(*claims, "jti", verified.jti_) ||
      !take_method(*claims, verified.method_) || !take_file_name(*claims, verified.file_name_)) {
    return invalid;
  }
  if (at > *expires_at + skew) return fail(errc::expired_access_token);
  return verified;
}

}  // namespace filemint
