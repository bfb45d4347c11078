#include "core/config/schema.hpp"

#include "core/config/cluster_keys.hpp"
#include "core/config/kinds.hpp"
#include "core/config/listener_keys.hpp"
#include "core/config/secret_reference.hpp"
#include "core/config/source_keys.hpp"
#include "core/config/special_keys.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace filemint {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1024, mib = 1024 * kib, gib = 1024 * mib;

bool any(std::string_view) {
  return true;
}
bool not_empty(std::string_view text) {
  return !text.empty();
}

// As browsers serialise it: lower case, no path, no port that is the scheme's own (RFC 6454 §6.2).
bool origin(std::string_view text) {
  const bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://")) return false;
  const auto host = text.substr(secure ? 8 : 7);
  return !host.empty() && host.front() != ':' && !host.ends_with(secure ? ":443" : ":80") &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:[]") == host.npos;
}

std::optional<std::string> read_origin(const std::string& text) {
  return origin(text) ? std::optional{text} : std::nullopt;
}

constexpr std::string_view unix_sockets = "unix";

std::optional<proxy_place> read_proxy(const std::string& text) {
  if (text == unix_sockets) return proxy_place{};
  const proxy_place network = ip_network::parse(text);
  if (!network) return std::nullopt;
  return network;
}

std::string write_proxy(const proxy_place& place) {
  return place ? place->text() : std::string{unix_sockets};
}

std::vector<setting<config>> make_config_settings() {
  const auto http = [](auto member) { return at(&config::http, member); };
  const auto cors = [](auto member) { return at(&config::cors, member); };
  const auto mint = [](auto member) { return at(&config::mint, member); };
  const auto store = [](auto member) { return at(&config::store, member); };
  const auto log = [](auto member) { return at(&config::log, member); };

  keys<config> k;
  k.number("workers", 0, 256, at(&config::workers),
           "Threads that run sockets and actors. 0: one a core.");
  until_restart(k, at(&config::workers));
  k.number("file_threads", 1, 256, at(&config::file_threads),
           "Threads of each source that read its files and look whether they exist.");
  until_restart(k, at(&config::file_threads));
  k.flag(
      "allow_core_dumps", at(&config::allow_core_dumps),
      "Whether a crash may leave a core. It would hold API keys, the master key and the keys that\n"
      "sign; false also closes the process's memory and environment to debuggers.");
  until_restart(k, at(&config::allow_core_dumps));
  k.text("default_source", "a source's name", at(&config::default_source),
         "The source of a request that names none. Left out: the first of `sources`.",
         is_source_name);

  add_admin_keys(k);
  k.duration("http.header_timeout", 1ms, 5min, http(&http_config::header_timeout),
             "How long a request's head may take.");
  k.duration("http.body_timeout", 1ms, 1h, http(&http_config::body_timeout),
             "How long a body may take.");
  k.duration("http.idle_timeout", 1ms, 1h, http(&http_config::idle_timeout),
             "How long a kept connection may be silent between requests.");
  k.duration("http.request_deadline", 1ms, 5min, http(&http_config::request_deadline),
             "From a body's last byte to its answer; later it is 504.");
  k.size("http.min_rate_bytes_per_second", 1, gib, http(&http_config::min_rate_bytes_per_second),
         "Slower bodies (after their first 5s) and slower readers of answers are cut off.");
  k.size("http.max_header_bytes", kib, mib, http(&http_config::max_header_bytes),
         "The largest head.");
  k.number("http.max_header_fields", 1, 1'000, http(&http_config::max_header_fields),
           "The most fields in a head.");
  k.size("http.max_body_bytes", kib, gib, http(&http_config::max_body_bytes), "The largest body.");
  k.number("http.max_connections", 1, 1'000'000, http(&http_config::max_connections),
           "Connections at once; never more than the process's file limit less 256.");
  k.number("http.max_connections_per_address", 1, 1'000'000,
           http(&http_config::max_connections_per_address),
           "Connections at once from one address; trusted proxies have no such cap.");
  add_list(
      k, "http.trusted_proxies",
      "a list of addresses, networks as 10.0.0.0/8 or 2001:db8::/32, and the word unix",
      http(&http_config::trusted_proxies),
      "Proxies that are believed about the client's address, [10.0.0.0/8, \"::1\", unix]; unix:\n"
      "whoever connects by a unix socket.",
      read_proxy, write_proxy);
  k.word<client_address_field>("http.client_address_header",
                               {{"x-forwarded-for", client_address_field::x_forwarded_for},
                                {"forwarded", client_address_field::forwarded}},
                               http(&http_config::client_address_header),
                               "The field in which they tell it: x-forwarded-for or forwarded "
                               "(RFC 7239). No other is read.");
  k.number("http.max_in_flight", 1, 1'000'000, http(&http_config::max_in_flight),
           "Requests at once, each until its answer's last byte is sent; above it is 503.");
  k.size("http.body_budget_bytes", mib, 1024 * gib, http(&http_config::body_budget_bytes),
         "Memory for all bodies with their parsers; above it is 503.");
  k.size("http.answer_budget_bytes", mib, 1024 * gib, http(&http_config::answer_budget_bytes),
         "Memory for all answers that are not sent yet.");
  k.duration("http.lame_duck", 0ms, 5min, http(&http_config::lame_duck),
             "After SIGTERM: how long /readyz says 503 before the listener closes.");
  k.duration("http.drain_timeout", 0ms, 1h, http(&http_config::drain_timeout),
             "After that: how long requests in flight have to end.");
  k.duration("http.drain_last_words", 0ms, 1min, http(&http_config::drain_last_words),
             "After that: how long clients have to take their 503, and what is being sent to end.");
  k.duration("http.drain_idle", 0ms, 5min, http(&http_config::drain_idle),
             "While draining: an idle connection closes after this silence. 0s: at once.");

  add_list(
      k, "cors.origins", "a list of origins, each as https://app.example.com or with :PORT",
      cors(&cors_config::origins),
      "Pages of these origins may call from a browser, [https://app.example.com]. Empty: none.",
      read_origin, [](const std::string& each) { return each; });
  k.duration("cors.max_age", 0ms, 24h, cors(&cors_config::max_age),
             "How long a browser may keep the answer to its preflight.");

  k.number("mint.max_paths", 1, 100'000, mint(&mint_config::max_paths),
           "The most paths in one request, as sent.");
  k.number("mint.calls_per_minute", 1, 1'000'000'000, mint(&mint_config::calls_per_minute),
           "Calls in any 60 seconds, for each company without a limit of its own.");
  k.number(
      "mint.tokens_per_minute", 0, 1'000'000'000, mint(&mint_config::tokens_per_minute),
      "Tokens in any 60 seconds, for each company without a limit of its own. 0: not counted.\n"
      "A call passes while there is any room; so one call can overdraw it.");
  const auto throttle = [](auto member) {
    return at(&config::mint, &mint_config::throttle, member);
  };
  k.number("mint.throttle_rate", 0, throttle_terms::most_rate, throttle(&throttle_terms::rate),
           "Calls a second, for each API key without a throttle of its own. 0: no such throttle.");
  k.number("mint.throttle_burst", 1, throttle_terms::most_burst, throttle(&throttle_terms::burst),
           "How many of them may come at once.");
  k.number("mint.throttle_per_day", 0, throttle_terms::most_a_day,
           throttle(&throttle_terms::per_day),
           "Calls a day (UTC), for each API key without a number of its own. 0: not counted.");
  k.text("mint.issuer", "1 to 64 printable characters", mint(&mint_config::issuer),
         "The tokens' `iss`. Tokens of another issuer are refused.", [](std::string_view text) {
           if (text.empty() || text.size() > 64) return false;
           for (const char c : text) {
             if (c < 0x20 || c >= 0x7f) return false;
           }
           return true;
         });
  until_restart(k, mint(&mint_config::issuer));
  k.duration("mint.clock_skew", 0ms, 5min, mint(&mint_config::clock_skew),
             "How far clocks may differ when a token's times are checked.");
  k.duration(
      "mint.jwks_max_age", 0ms, 24h, mint(&mint_config::jwks_max_age),
      "How long verifiers may keep /.well-known/jwks.json. A new public key signs no sooner.");

  k.text("store.path", "a path", store(&store_config::path),
         "The SQLite file of companies, keys and grants; one node serves from it.", not_empty);
  until_restart(k, store(&store_config::path));
  k.text("store.postgres", "file:PATH or env:NAME, and never the connection string itself; or \"\"",
         store(&store_config::postgres),
         "In place of store.path, a PostgreSQL database that any number of nodes share: by "
         "reference,\n"
         "file:PATH or env:NAME, libpq's postgresql://... or \"host=... dbname=... "
         "sslmode=verify-full\".",
         [](std::string_view text) { return text.empty() || is_secret_reference(text); });
  k.all.back().secret = true;
  until_restart(k, store(&store_config::postgres));
  k.text("store.master_key", "file:PATH or env:NAME, and never the key itself",
         store(&store_config::master_key),
         "What seals the signing keys: 32 bytes in base64, by reference, file:PATH or env:NAME.\n"
         "`filemint master-key generate` makes one.",
         is_secret_reference);
  k.all.back().secret = true;
  k.duration("store.poll_interval", 10ms, 1min, store(&store_config::poll_interval),
             "How often a running node looks for changes made elsewhere. PostgreSQL tells of them "
             "at once;\n"
             "a notice that is lost is made up for by the next look.");
  until_restart(k, store(&store_config::poll_interval));
  k.duration(
      "store.max_staleness", 1s, 24h, store(&store_config::max_staleness),
      "When the store could not be read for longer, minting, /files and /verify are 503: what\n"
      "was revoked since is not known. At least twice poll_interval.");

  add_cluster_keys(k);

  k.word<std::string>("log.level",
                      {{"trace", "trace"},
                       {"debug", "debug"},
                       {"info", "info"},
                       {"warn", "warn"},
                       {"error", "error"}},
                      log(&log_config::level),
                      "What is logged: trace, debug, info, warn or error, and what is graver.");
  k.word<log_format>("log.format", {{"json", log_format::json}, {"text", log_format::text}},
                     log(&log_config::format), "json, one object a line, or text for people.");
  k.text("log.file", "a path, or \"\" for stdout", log(&log_config::file),
         "A file, opened anew at SIGHUP. Empty: stdout.", any);
  k.flag("log.access", log(&log_config::access), "Whether each request is a line.");
  return std::move(k.all);
}

}  // namespace

const std::vector<setting<config>>& config_settings() {
  static const auto all = make_config_settings();
  return all;
}

}  // namespace filemint
