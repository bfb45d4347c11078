#include "core/config/warnings.hpp"

#include "core/config/scalar.hpp"

namespace filemint {
namespace {

bool is_local(const endpoint_config& where) {
  return where.is_unix() || where.host.starts_with("127.") || where.host == "::1";
}

}  // namespace

std::vector<std::string> config_warnings(const config& values) {
  std::vector<std::string> out;
  const auto& admin = values.admin;
  if (!is_local(admin.listen) && admin.token.empty()) {
    out.push_back("admin.listen: whoever reaches " + write_endpoint(admin.listen) +
                  " can read /metrics: set admin.token, or listen on a loopback address");
  }
  return out;
}

}  // namespace filemint
