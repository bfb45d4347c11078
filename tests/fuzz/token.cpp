// core/token: verify_token takes exactly the tokens that our keys have signed, in one spelling.
// The input is a token, or a header and behind its first line break a payload, which are then
// signed by every key, so that what lies behind the signature is reached too, and given signatures
// that are none.
#include "core/token.hpp"

#include "core/crypto/base64url.hpp"
#include "core/signing_key.hpp"
#include "targets.hpp"
#include "textbook_ecdsa.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace filemint::fuzz {

namespace {

constexpr wall_time now{std::chrono::seconds{1'800'000'000}};
constexpr std::chrono::seconds skew{30};

signing_key_ptr fixed_key(token_algorithm algorithm, std::string kid) {
  return signing_key::from_raw(algorithm, "magikarp", std::move(kid),
                               secret(std::string(32, '\x07')))
      .value();
}

const key_ring& keys() {
  static const key_ring ring{{
      {.key = fixed_key(token_algorithm::hs256, "h"), .state = key_state::active},
      {.key = fixed_key(token_algorithm::eddsa, "e"), .state = key_state::prepared},
      {.key = fixed_key(token_algorithm::es256, "p"),
       .state = key_state::retiring,
       .retire_at = now + skew},
  }};
  return ring;
}

std::string signature_of(const signing_key& key, std::string_view bytes) {
  const auto text = [](const auto& array) {
    return base64url_encode({reinterpret_cast<const char*>(array.data()), array.size()});
  };
  if (const auto* p256 = key.p256()) return text(p256->sign(bytes));
  return key.hmac() != nullptr ? text(key.hmac()->mac(bytes)) : text(key.ed25519()->sign(bytes));
}

// Of ES256 there are many for the same bytes: it is one by another reckoning, in one spelling.
bool is_signature(std::string_view text, const signing_key& key, std::string_view bytes) {
  if (key.p256() == nullptr) return text == signature_of(key, bytes);
  const auto raw = base64url_decode(text);
  return raw && base64url_encode(*raw) == text &&
         textbook_ecdsa_verify(key.public_key(), bytes, *raw);
}

// What a careless verifier of ECDSA takes: r or s of nothing, or of the group's order.
std::array<std::string, 6> forged_signatures() {
  const std::string zero(32, '\0'), one = zero.substr(1) + '\1';
  const std::string order = p256_order();
  return {zero + zero, zero + one, one + zero, order + order, order + one, one + order};
}

result<verified_token> verify(std::string_view token, std::string_view source = "magikarp") {
  const exact_copy bytes{token};
  return verify_token(bytes.view(), "filemint", source, keys(), now, skew);
}

// The parts as another parser reads them.
nlohmann::json json_of(std::string_view part) {
  return nlohmann::json::parse(base64url_decode(part).value_or(""), nullptr, false);
}

void check_accepted(const std::string& token, const verified_token& verified) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  const auto header = json_of(std::string_view{token}.substr(0, first));
  const auto claims = json_of(std::string_view{token}.substr(first + 1, last - first - 1));
  must(header.is_object() && claims.is_object(), "another parser reads two objects");
  const auto* key = keys().find(header.value("kid", ""), now);
  must(key != nullptr && header.at("alg") == jose_name(key->algorithm()), "the key's algorithm");
  must(is_signature(token.substr(last + 1), *key, token.substr(0, last)),
       "a signature of that key");
  must(claims.at("sub") == verified.path() && claims.at("aud") == "magikarp" &&
           claims.at("iss") == "filemint" && claims.at("cid") == verified.company() &&
           claims.at("akid") == verified.key_id() && claims.at("jti") == verified.jti(),
       "another parser reads the same claims");
  must(verified.issued_at() <= now + skew && now <= verified.expires_at() + skew, "its times");
  must(!verified.path().empty(), "a path");
  must(!verified.allows("POST") && (verified.allows("GET") || verified.allows("HEAD")), "methods");

  must(!verify(token, "betaimages"), "a token is for one source");
  for (const auto* more : {"=", ".", "A", " ", "\n"}) {
    must(!verify(token + more), "nothing stands behind a token");
  }
  for (const auto at : {std::size_t{0}, first, first + 1, last, token.size() - 1}) {
    auto changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    must(!verify(changed), "a changed token is none");
  }
}

void try_text(const std::string& token) {
  const auto verified = verify(token);
  if (verified) return check_accepted(token, *verified);
  must(verified.error().code == errc::invalid_access_token ||
           verified.error().code == errc::expired_access_token,
       "the contract's codes");
}

}  // namespace

void try_token(std::string_view input) {
  try_text(std::string{input});
  const auto end = input.find('\n');
  if (end == input.npos) return;
  const auto text =
      base64url_encode(input.substr(0, end)) + "." + base64url_encode(input.substr(end + 1));
  for (const auto& entry : keys().entries()) {
    try_text(text + "." + signature_of(*entry.key, text));
  }
  for (const auto& forged : forged_signatures()) {
    must(!verify(text + "." + base64url_encode(forged)), "a forged signature is none");
  }
}

}  // namespace filemint::fuzz
