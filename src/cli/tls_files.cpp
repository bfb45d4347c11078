#include "src/cli/tls_files.hpp"

#include "core/clock.hpp"
#include "core/crypto/pem.hpp"
#include "http/tls_context.hpp"

#include <cstddef>
#include <utility>

namespace filemint::cli {
namespace {

class tls_files {
public:
  tls_files(std::string file, std::vector<config_problem>& problems)
      : file_(std::move(file)), problems_(problems) {}

  // `where`: admin.tls, listeners[0].tls
  void look(const std::string& where, const tls_config& tls) {
    if (!tls.enabled()) return;
    const auto before = problems_.size();
    tell(where + ".certificate", read_certificates(tls.certificate));
    tell(where + ".key", read_private_key(tls.key));
    if (tls.clients != client_certificates::none) {
      tell(where + ".client_ca", read_certificates(tls.client_ca));
    }
    if (problems_.size() != before) return;
    http::ticket_keys none{mono_clock::now()};
    tell(where, http::tls_context::make(tls, none));
  }

  void look(const cluster_config& cluster) {
    if (!cluster.enabled()) return;
    tell("cluster.ca", read_certificates(cluster.ca));
    tell("cluster.certificate", read_certificates(cluster.certificate));
    tell("cluster.key", read_private_key(cluster.key));
  }

private:
  void tell(std::string key, const auto& done) {
    if (done) return;
    problems_.push_back({.file = file_, .key = std::move(key), .message = done.error().message});
  }

  std::string file_;
  std::vector<config_problem>& problems_;
};

}  // namespace

std::vector<config_problem> find_tls_problems(const config& values, const std::string& file) {
  std::vector<config_problem> problems;
  tls_files files{file, problems};
  for (std::size_t i = 0; i < values.listeners.size(); ++i) {
    files.look("listeners[" + std::to_string(i) + "].tls", values.listeners[i].tls);
  }
  files.look("admin.tls", values.admin.tls);
  files.look(values.cluster);
  return problems;
}

}  // namespace filemint::cli
