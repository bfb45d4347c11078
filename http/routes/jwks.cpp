#include "http/routes/jwks.hpp"

#include "core/crypto/base64url.hpp"
#include "core/signing_key.hpp"

namespace filemint::http {
namespace {

// A kid needs no escapes in JSON: its alphabet has nothing that does.
void append_jwk(std::string& out, const signing_key& key) {
  out += R"({"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":")";
  out += key.kid();
  out += R"(","x":")";
  out += base64url_encode(key.public_key());
  out += R"("})";
}

}  // namespace

reply serve_jwks(const core_view& view) {
  std::string body = R"({"keys":[)";
  bool first = true;
  for (const auto& [source, ring] : view.known.signing) {
    for (const auto& entry : ring.entries()) {
      const auto* key = ring.find(entry.key->kid(), view.at.wall);
      if (key == nullptr || key->algorithm() != token_algorithm::eddsa) continue;
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
