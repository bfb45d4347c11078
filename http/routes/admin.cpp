#include "http/routes/admin.hpp"

namespace filemint::http {

reply serve_admin(endpoint where, const admin_hooks& hooks) {
  switch (where) {
    case endpoint::metrics: {
      reply r;
      r.content_type = "text/plain; version=0.0.4; charset=utf-8";
      r.body = hooks.metrics();
      return r;
    }
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
