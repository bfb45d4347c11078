// Where a node listens, and how it is spoken to there. Plain data, part of `config`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace filemint {

// An address and a port, or a unix socket.
struct endpoint_config {
  std::string host = "127.0.0.1";     // an IPv4 or IPv6 address
  std::uint16_t port = 0;             // 0: the system picks a free one
  std::filesystem::path socket_path;  // not empty: a unix socket, without host and port

  [[nodiscard]] bool is_unix() const noexcept { return !socket_path.empty(); }

  friend bool operator==(const endpoint_config&, const endpoint_config&) = default;
};

enum class client_certificates : std::uint8_t { none, optional, required };
enum class tls_version : std::uint8_t { v1_2, v1_3 };

struct tls_config {
  std::filesystem::path certificate;  // PEM, its chain behind it; empty: plaintext
  std::filesystem::path key;          // PEM, without a password
  std::filesystem::path client_ca;    // PEM: who may have signed clients' certificates
  client_certificates clients = client_certificates::none;
  tls_version min_version = tls_version::v1_2;

  [[nodiscard]] bool enabled() const noexcept { return !certificate.empty(); }

  friend bool operator==(const tls_config&, const tls_config&) = default;
};

// Which way of asking /verify a listener answers.
enum class verify_way : std::uint8_t { both, nginx, envoy };

inline constexpr std::uint32_t default_socket_mode = 0660;

struct listener_config {
  endpoint_config listen = {.host = "127.0.0.1", .port = 8080, .socket_path = {}};
  std::uint32_t socket_mode = default_socket_mode;  // a unix socket's permissions
  verify_way verify = verify_way::both;
  tls_config tls;

  friend bool operator==(const listener_config&, const listener_config&) = default;
};

struct admin_config {
  endpoint_config listen = {.host = "127.0.0.1", .port = 8081, .socket_path = {}};
  std::uint32_t socket_mode = default_socket_mode;
  std::string token;  // file:PATH or env:NAME; empty: /metrics asks for none
  tls_config tls;

  friend bool operator==(const admin_config&, const admin_config&) = default;
};

}  // namespace filemint
