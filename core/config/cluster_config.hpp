// How a node is linked to the other nodes of its cluster. Plain data, part of `config`.
#pragma once

#include "core/config/listener_config.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace filemint {

struct cluster_peer_config {
  std::string name = {};         // its certificate carries it
  endpoint_config address = {};  // the host may be a name

  friend bool operator==(const cluster_peer_config&, const cluster_peer_config&) = default;
};

struct cluster_config {
  std::string name = {};  // of this node; empty: no cluster
  endpoint_config listen = {.host = "127.0.0.1", .port = 7946, .socket_path = {}};
  endpoint_config dns = {.host = {}, .port = 0, .socket_path = {}};  // or peers; empty: none
  std::filesystem::path ca = {};
  std::filesystem::path certificate = {};
  std::filesystem::path key = {};
  std::vector<cluster_peer_config> peers = {};  // may have this node too

  [[nodiscard]] bool enabled() const noexcept { return !name.empty(); }

  friend bool operator==(const cluster_config&, const cluster_config&) = default;
};

}  // namespace filemint
