#include "http/routes/admin.hpp"

#include "core/authenticate.hpp"
#include "core/crypto/sha256.hpp"

namespace filemint::http {

namespace {

// Digests are compared: the time tells nothing of the token, nor of its length.
bool may_scrape(const request& head, const secret* token) {
  if (token == nullptr) return true;
  const auto given = bearer_credential(head.authorization.value_or(""));
  return given && equal_secrets(sha256(*given), sha256(token->reveal()));
}

}  // namespace

reply serve_admin(endpoint where, const request& head, const admin_hooks& hooks) {
  switch (where) {
    case endpoint::metrics: {
      if (!may_scrape(head, hooks.token().get())) return error_reply(error(errc::unauthorized));
      reply r;
      r.content_type = "text/plain; version=0.0.4; charset=utf-8";
      r.body = hooks.metrics();
      return r;
    }
    case endpoint::cluster:
      if (!hooks.cluster) return error_reply(error(errc::endpoint_not_found));
      if (!may_scrape(head, hooks.token().get())) return error_reply(error(errc::unauthorized));
      return success_reply(hooks.cluster());
    case endpoint::livez:
      return success_reply(R"({"status":"live"})");
    case endpoint::readyz:
      if (!hooks.ready()) return error_reply(error(errc::service_unavailable));
      return success_reply(R"({"status":"ready"})");
    default:
      return error_reply(error(errc::endpoint_not_found));
  }
}

}  // namespace filemint::http
