#include "http/routes/jwks.hpp"

#include "core/crypto/base64url.hpp"
#include "core/signing_key.hpp"

namespace filemint::http {
namespace {

// A kid needs no escapes in JSON: its alphabet has nothing that does.
void append_jwk(std::string& out, const signing_key& key) {
  const bool on_p256 = key.algorithm() == token_algorithm::es256;
  const auto public_key = key.public_key();
  const auto x = std::string_view{public_key}.substr(0, 32);
  out += on_p256 ? R"({"kty":"EC","crv":"P-256")" : R"({"kty":"OKP","crv":"Ed25519")";
  out.append(R"(,"use":"sig","alg":")").append(jose_name(key.algorithm()));
  out.append(R"(","kid":")").append(key.kid());
  out.append(R"(","x":")").append(base64url_encode(x));
  if (on_p256) {
    out.append(R"(","y":")").append(base64url_encode(std::string_view{public_key}.substr(32)));
  }
  out += R"("})";
}

}  // namespace

reply serve_jwks(const core_view& view) {
  std::string body = R"({"keys":[)";
  bool first = true;
  for (const auto& [source, ring] : view.known.signing) {
    for (const auto& entry : ring.entries()) {
      const auto* key = ring.find(entry.key->kid(), view.at.wall);
      if (key == nullptr || key->algorithm() == token_algorithm::hs256) continue;
      if (!first) body += ',';
      first = false;
      append_jwk(body, *key);
    }
  }
  body += "]}";
  reply r;
  r.content_type = "application/jwk-set+json";
  r.fields =
      "Cache-Control: public, max-age=" + std::to_string(view.settings.mint.jwks_max_age.count()) +
      "\r\n";
  r.body = std::move(body);
  return r;
}

}  // namespace filemint::http
