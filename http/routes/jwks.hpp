// GET /.well-known/jwks.json: the public keys of sources whose tokens are signed with EdDSA or
// ES256, for whoever verifies tokens by himself (RFC 7517 §5, RFC 8037 §2, RFC 7518 §6.2).
#pragma once

#include "http/core_view.hpp"
#include "http/reply.hpp"

namespace filemint::http {

// All keys that may verify: prepared ones too, so that they are known everywhere before they sign.
// A key of HS256 is a secret and never stands here.
[[nodiscard]] reply serve_jwks(const core_view& view);

}  // namespace filemint::http
