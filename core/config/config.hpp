// What an operator can set, each with its default. Plain data; core/config/load.hpp reads it from
// YAML and refuses what contradicts itself. `filemint config example` prints all of it with
// comments.
#pragma once

#include "core/config/cluster_config.hpp"
#include "core/config/listener_config.hpp"
#include "core/config/source_config.hpp"
#include "core/ip_network.hpp"
#include "core/throttle_terms.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// Where a client's proxy comes from; nothing: from a unix socket.
using proxy_place = std::optional<ip_network>;

// The field in which trusted proxies tell the client's address.
enum class client_address_field : std::uint8_t { x_forwarded_for, forwarded };

struct http_config {
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds request_deadline{10'000};  // from the body's last byte
  std::size_t min_rate_bytes_per_second = 1024;        // bodies after their first 5 s, and answers
  std::size_t max_header_bytes = 32 * 1024;
  std::size_t max_header_fields = 100;
  std::size_t max_body_bytes = 8 * 1024 * 1024;
  std::size_t max_connections = 20'000;  // or the file limit less 256, whichever is less
  std::size_t max_connections_per_address = 1'000;
  std::vector<proxy_place> trusted_proxies = {};  // empty: no field is believed
  client_address_field client_address_header = client_address_field::x_forwarded_for;
  std::size_t max_in_flight = 2'048;
  std::size_t body_budget_bytes = 256 * 1024 * 1024;    // all bodies with their parsers
  std::size_t answer_budget_bytes = 256 * 1024 * 1024;  // all unsent answers
  std::chrono::milliseconds lame_duck{0};               // after SIGTERM, before the listener closes
  std::chrono::milliseconds drain_timeout{10'000};
  std::chrono::milliseconds drain_last_words{1'000};  // then, for the last refusals to be taken
  std::chrono::milliseconds drain_idle{
      1'000};  // an idle connection's silence while draining; 0: closed at once

  friend bool operator==(const http_config&, const http_config&) = default;
};

struct mint_config {
  std::size_t max_paths = 1'000;         // as sent
  std::uint64_t calls_per_minute = 600;  // a company's default window
  std::uint64_t tokens_per_minute = 0;   // a company's second window; 0: none
  throttle_terms throttle{.burst = 5};   // a key's; off
  std::string issuer = "filemint";
  std::chrono::seconds clock_skew{30};     // allowed at verification
  std::chrono::seconds jwks_max_age{300};  // how long verifiers may keep the public keys

  friend bool operator==(const mint_config&, const mint_config&) = default;
};

// Browsers' pages on other origins (the Fetch standard's CORS protocol).
struct cors_config {
  std::vector<std::string> origins = {};  // scheme://host[:port], as browsers write them
  std::chrono::seconds max_age{600};      // of a preflight's answer

  friend bool operator==(const cors_config&, const cors_config&) = default;
};

struct store_config {
  std::filesystem::path path = "filemint.db";
  std::string postgres = {};  // file:PATH or env:NAME of a connection string; empty: path counts
  std::string master_key = "env:FILEMINT_MASTER_KEY";  // file:PATH or env:NAME; 32 bytes in base64
  std::chrono::milliseconds poll_interval{250};        // how soon the CLI's changes are seen
  std::chrono::milliseconds max_staleness{60'000};     // how old what is known may be: then 503

  friend bool operator==(const store_config&, const store_config&) = default;
};

enum class log_format : std::uint8_t { json, text };

struct log_config {
  std::string level = "info";  // trace, debug, info, warn, error
  log_format format = log_format::json;
  std::filesystem::path file;  // empty: stdout; reopened at SIGHUP
  bool access = true;          // one line a request

  friend bool operator==(const log_config&, const log_config&) = default;
};

struct config {
  std::size_t workers = 0;       // io threads; 0: one a core
  std::size_t file_threads = 4;  // of each source: they read files and probe for existence
  bool allow_core_dumps = false;
  std::vector<listener_config> listeners{listener_config{}};  // where clients connect
  admin_config admin;
  http_config http;
  cors_config cors;
  mint_config mint;
  store_config store;
  cluster_config cluster;
  log_config log;
  std::vector<source_config> sources;  // the shipped example has magikarp and betaimages
  std::string default_source;          // must name one of them

  [[nodiscard]] const source_config* find_source(std::string_view name) const noexcept {
    for (const auto& source : sources) {
      if (source.name == name) return &source;
    }
    return nullptr;
  }

  friend bool operator==(const config&, const config&) = default;
};

}  // namespace filemint
