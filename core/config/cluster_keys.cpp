#include "core/config/cluster_keys.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace filemint {
namespace {

constexpr auto takes_name = "a DNS name in lower case, 1 to 253 of a-z, 0-9, - and .";

bool any(std::string_view) {
  return true;
}

// Empty: there is no such variable.
std::string resolved_name(const std::string& text) {
  constexpr std::string_view by_environment = "env:";
  if (!text.starts_with(by_environment)) return text;
  const char* value = std::getenv(text.c_str() + by_environment.size());
  return value == nullptr ? "" : value;
}

// HOST:PORT, where the host may be a name; or nothing where `optional`.
template <class Owner, class At>
void add_host_and_port(keys<Owner>& k, const std::string& key, bool optional, At at,
                       const std::string& comment) {
  k.add(
      key, optional ? "HOST:PORT, or \"\"" : "HOST:PORT", comment,
      [=](Owner& owner, const std::string& text) {
        if (optional && text.empty()) {
          at(owner) = {.host = {}, .port = 0, .socket_path = {}};
          return true;
        }
        auto read = read_host_and_port(text);
        if (!read || read->port == 0) return false;
        at(owner) = std::move(*read);
        return true;
      },
      [=](const Owner& owner) {
        const auto& where = at(owner);
        return write_text(where.host.empty() ? "" : write_endpoint(where));
      });
  k.all.back().text = true;
  k.all.back().withheld = true;
}

void check_files(const cluster_config& cluster, config_notes& notes) {
  const auto need = [&](const std::filesystem::path& file, const std::string& key,
                        const std::string& what) {
    if (file.empty()) notes.complain_at(key, "cluster.name", "a node of a cluster needs " + what);
  };
  need(cluster.ca, "cluster.ca", "the certificate of the cluster's authority");
  need(cluster.certificate, "cluster.certificate", "a certificate");
  need(cluster.key, "cluster.key", "its certificate's key");
}

void check_peers(const cluster_config& cluster, config_notes& notes) {
  for (std::size_t i = 0; i < cluster.peers.size(); ++i) {
    const auto& peer = cluster.peers[i];
    const auto key = "cluster.peers[" + std::to_string(i) + "]";
    if (notes.refused(key)) continue;
    const auto missing = [&](const char* member) {
      return !notes.positions.contains(key + "." + member);
    };
    if (peer.name.empty() && missing("name")) {
      notes.complain_at(key, "cluster.peers", "a peer needs a name, which its certificate carries");
    }
    if (peer.address.port == 0 && missing("address")) {
      notes.complain_at(key, "cluster.peers", "a peer needs an address, HOST:PORT");
    }
    const auto before = cluster.peers.begin() + static_cast<std::ptrdiff_t>(i);
    const bool again = std::ranges::find(cluster.peers.begin(), before, peer.name,
                                         &cluster_peer_config::name) != before;
    if (again && !peer.name.empty()) {
      notes.complain_at(key + ".name", key, "a second peer named " + peer.name);
    }
  }
}

void check_dns(const cluster_config& cluster, config_notes& notes) {
  const auto& zone = cluster.dns.host;
  if (zone.empty()) return;
  if (!cluster.peers.empty()) {
    notes.complain_at("cluster.dns", "cluster.peers",
                      "peers come by a list or by DNS: cluster.peers has some");
  }
  const auto dot = cluster.name.find('.');
  if (dot == 0 || dot == std::string::npos || cluster.name.substr(dot + 1) != zone) {
    notes.complain_at("cluster.name", "cluster.dns",
                      "with cluster.dns a node's name is one label before it: NODE." + zone);
  }
}

// The first key that means a cluster, where there is no name to it.
std::string key_without_name(const cluster_config& cluster) {
  if (!cluster.peers.empty()) return "cluster.peers";
  if (!cluster.dns.host.empty()) return "cluster.dns";
  if (!cluster.ca.empty()) return "cluster.ca";
  if (!cluster.certificate.empty()) return "cluster.certificate";
  if (!cluster.key.empty()) return "cluster.key";
  return {};
}

std::vector<setting<cluster_peer_config>> make_peer_settings() {
  keys<cluster_peer_config> k;
  k.text("name", takes_name, at(&cluster_peer_config::name), "Its cluster.name.", is_node_name);
  add_host_and_port(k, "address", false, at(&cluster_peer_config::address),
                    "Where it listens, HOST:PORT; a name is looked up before each dial.");
  for (auto& each : k.all) {
    each.keep = [](cluster_peer_config& to, const cluster_peer_config& from) { to = from; };
  }
  return std::move(k.all);
}

}  // namespace

bool is_node_name(std::string_view text) {
  constexpr std::size_t longest = 253;
  return !text.empty() && text.size() <= longest && text.front() != '.' && text.back() != '.' &&
         !text.contains("..") &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == text.npos;
}

void add_cluster_keys(keys<config>& k) {
  const auto others = static_cast<std::ptrdiff_t>(k.all.size());
  const auto cluster = [](auto member) { return at(&config::cluster, member); };
  k.add(
      "cluster.name", std::string{takes_name} + ", env:NAME, or \"\"",
      "This node's name among the nodes of a cluster, which its certificate has to carry;\n"
      "env:NAME for one configuration of all nodes. Empty: a node of its own.",
      [](config& to, const std::string& text) {
        const auto name = resolved_name(text);
        if (!name.empty() && !is_node_name(name)) return false;
        to.cluster.name = name;
        return !name.empty() || text.empty();
      },
      [](const config& from) { return write_text(from.cluster.name); });
  k.all.back().text = true;
  k.endpoint("cluster.listen", cluster(&cluster_config::listen),
             "Where its peers connect, ADDRESS:PORT. Of two nodes the one whose name sorts first\n"
             "dials.");
  add_host_and_port(
      k, "cluster.dns", true, cluster(&cluster_config::dns),
      "In place of `peers`: a DNS name that leads to all nodes, and their port, NAME:PORT; each\n"
      "node's name is then one label before it, as those of a Kubernetes StatefulSet are.");
  k.text("cluster.ca", "a path, or \"\"", cluster(&cluster_config::ca),
         "A PEM file of the cluster's own authority: who shows a certificate of it that carries a\n"
         "peer's name is that peer. `filemint cluster cert` makes one.",
         any);
  k.text("cluster.certificate", "a path, or \"\"", cluster(&cluster_config::certificate),
         "A PEM file; like `ca` and `key` it is read anew when it changes. {name} in either path\n"
         "stands for the node's name.",
         any);
  k.text("cluster.key", "a path, or \"\"", cluster(&cluster_config::key),
         "Its private key, a PEM file without a password.", any);
  std::for_each(k.all.begin() + others, k.all.end(), [](setting<config>& each) {
    each.keep = [](config& to, const config& from) { to.cluster = from.cluster; };
  });
}

void check_cluster(const cluster_config& cluster, config_notes& notes) {
  check_peers(cluster, notes);
  if (notes.refused("cluster.name")) return;
  if (!cluster.enabled()) {
    if (const auto key = key_without_name(cluster); !key.empty()) {
      notes.complain_at(key, "", "without cluster.name there is no cluster");
    }
    return;
  }
  check_files(cluster, notes);
  check_dns(cluster, notes);
  if (cluster.listen.is_unix()) {
    notes.complain_at("cluster.listen", "", "peers connect by TCP: a unix socket is none");
  } else if (cluster.listen.port == 0) {
    notes.complain_at("cluster.listen", "", "peers have to know the port: not 0");
  }
  const bool alone = std::ranges::all_of(
      cluster.peers, [&](const cluster_peer_config& each) { return each.name == cluster.name; });
  if (alone && cluster.dns.host.empty() && !notes.refused("cluster.peers")) {
    notes.complain_at("cluster.peers", "cluster.name", "a cluster needs peers, or dns");
  }
}

const std::vector<setting<cluster_peer_config>>& cluster_peer_settings() {
  static const auto all = make_peer_settings();
  return all;
}

}  // namespace filemint
