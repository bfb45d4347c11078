#include "http/routes/health.hpp"

#include "core/authenticate.hpp"
#include "core/route_scope.hpp"

#include <string>
#include <utility>
#include <vector>

namespace filemint::http {
namespace {

reply uncached(reply r) {
  r.fields += "Cache-Control: no-store\r\n";
  return r;
}

// Components' names need no escapes in JSON.
reply all_is_well(const health_report& report) {
  std::string data = R"({"message":"All components are up.","category":"health","services":[)";
  for (const auto& component : report.components) {
    if (data.back() != '[') data += ',';
    data += R"({"name":")" + component.name + R"(","status":"up"})";
  }
  data += R"(],"timestamp":")" + rfc3339(report.at) + R"("})";
  return success_reply(data);
}

reply some_are_down(const health_report& report) {
  std::vector<std::string> down;
  for (const auto& component : report.components) {
    if (!component.up) down.push_back(component.name);
  }
  return error_reply(error(errc::service_unavailable, {}, {{"services", std::move(down)}}));
}

}  // namespace

void serve_health(const request& head, const core_view& view, health_monitor& monitor,
                  respond answer) {
  const auto caller =
      authenticate(head.authorization, view.known.people, scope_health, view.at.wall);
  if (!caller) return answer(uncached(error_reply(caller.error())));
  monitor.ask([answer = std::move(answer)](const health_report_ptr& report) mutable {
    if (!report) return answer(uncached(error_reply(error(errc::service_unavailable))));
    answer(uncached(report->all_up() ? all_is_well(*report) : some_are_down(*report)));
  });
}

}  // namespace filemint::http
