#include "http/routes/health.hpp"

#include "core/route_scope.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
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

reply throttled(mono_time next_pass, mono_time asked_at) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(next_pass - asked_at).count();
  return error_reply(
      error(errc::throttled, {}, {{"retry_after_seconds", std::max<std::int64_t>(1, wait)}}));
}

}  // namespace

void serve_health(const request& head, const core_view& view, const throttle_check& throttle,
                  health_monitor& monitor, respond answer) {
  const auto caller =
      authenticate(head.authorization, view.known.people, scope_health, view.at.wall);
  if (!caller) return answer(uncached(error_reply(caller.error())));
  // What the throttle is told is copyable.
  const auto once = std::make_shared<respond>(std::move(answer));
  throttle(*caller, [&monitor, once, asked_at = view.at.mono](std::optional<mono_time> next_pass) {
    if (next_pass) return (*once)(uncached(throttled(*next_pass, asked_at)));
    monitor.ask([once](const health_report_ptr& report) {
      if (!report) return (*once)(uncached(error_reply(error(errc::service_unavailable))));
      (*once)(uncached(report->all_up() ? all_is_well(*report) : some_are_down(*report)));
    });
  });
}

}  // namespace filemint::http
