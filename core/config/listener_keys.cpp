#include "core/config/listener_keys.hpp"

#include "core/config/secret_reference.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace filemint {
namespace {

bool any(std::string_view) {
  return true;
}

template <class Owner, class At>
void add_socket_mode(keys<Owner>& k, const std::string& key, At at) {
  k.add(
      key, "permissions in octal from 0000 to 0777", "A unix socket's permissions.",
      [=](Owner& owner, const std::string& text) {
        const auto mode = read_mode(text);
        if (mode) at(owner) = *mode;
        return mode.has_value();
      },
      // In quotes: some readers of YAML take 0660 for 432.
      [=](const Owner& owner) { return '"' + write_mode(at(owner)) + '"'; });
  k.all.back().text = true;
}

// `tls` leads to a member of the tls_config.
template <class Owner, class Tls>
void add_tls(keys<Owner>& k, const std::string& section, Tls tls) {
  k.text(section + "certificate", "a path, or \"\" for plaintext", tls(&tls_config::certificate),
         "A PEM file, the certificates that lead to its authority behind it; read anew when it\n"
         "changes. Empty: plaintext.",
         any);
  k.text(section + "key", "a path, or \"\"", tls(&tls_config::key),
         "The certificate's private key, a PEM file without a password.", any);
  k.text(section + "client_ca", "a path, or \"\"", tls(&tls_config::client_ca),
         "A PEM file of the authorities that sign clients' certificates.", any);
  k.word(section + "client_certificates",
         std::vector<std::pair<std::string, client_certificates>>{
             {"none", client_certificates::none},
             {"optional", client_certificates::optional},
             {"required", client_certificates::required}},
         tls(&tls_config::clients),
         "none: clients are not asked for one. optional: one that is sent must be good. required.");
  k.word(section + "min_version",
         std::vector<std::pair<std::string, tls_version>>{{"1.2", tls_version::v1_2},
                                                          {"1.3", tls_version::v1_3}},
         tls(&tls_config::min_version), "The oldest TLS that is spoken, 1.2 or 1.3.");
}

std::vector<setting<listener_config>> make_listener_settings() {
  keys<listener_config> k;
  k.endpoint("listen", at(&listener_config::listen),
             "ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH. [::] takes IPv4 too; port 0: a free one.");
  add_socket_mode(k, "socket_mode", at(&listener_config::socket_mode));
  k.word(
      "verify",
      std::vector<std::pair<std::string, verify_way>>{
          {"both", verify_way::both}, {"nginx", verify_way::nginx}, {"envoy", verify_way::envoy}},
      at(&listener_config::verify),
      "Whose way of asking /verify is answered: both, nginx or envoy.");
  add_tls(k, "tls.", [](auto member) { return at(&listener_config::tls, member); });
  for (auto& each : k.all) {
    each.keep = [](listener_config& to, const listener_config& from) { to = from; };
  }
  return std::move(k.all);
}

}  // namespace

void add_admin_keys(keys<config>& k) {
  const auto others = static_cast<std::ptrdiff_t>(k.all.size());
  k.endpoint("admin.listen", at(&config::admin, &admin_config::listen),
             "Where /metrics, /livez and /readyz are answered: keep it off the public network.");
  add_socket_mode(k, "admin.socket_mode", at(&config::admin, &admin_config::socket_mode));
  k.text("admin.token", "file:PATH or env:NAME, and never the token itself; or \"\"",
         at(&config::admin, &admin_config::token),
         "What /metrics asks for as `Authorization: Bearer`, by reference, file:PATH or env:NAME.\n"
         "Empty: nothing. /livez and /readyz ask for nothing.",
         [](std::string_view text) { return text.empty() || is_secret_reference(text); });
  k.all.back().secret = true;
  add_tls(k, "admin.tls.",
          [](auto member) { return at(&config::admin, &admin_config::tls, member); });
  std::for_each(k.all.begin() + others, k.all.end(), [](setting<config>& each) {
    each.keep = [](config& to, const config& from) { to.admin = from.admin; };
  });
}

const std::vector<setting<listener_config>>& listener_settings() {
  static const auto all = make_listener_settings();
  return all;
}

}  // namespace filemint
