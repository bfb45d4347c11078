#include "core/config/contradictions.hpp"

#include "core/config/cluster_keys.hpp"
#include "core/config/scalar.hpp"
#include "core/config/source_checks.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>

namespace filemint {
namespace {

// [::] takes IPv4 too.
bool overlap(const std::string& a, const std::string& b) {
  const auto covers = [](const std::string& wide, const std::string& other) {
    return wide == "::" || (wide == "0.0.0.0" && !other.contains(':'));
  };
  return a == b || covers(a, b) || covers(b, a);
}

struct place {
  std::string key;
  const endpoint_config& where;
};

void check_places(const place& first, const place& second, config_notes& notes) {
  if (notes.refused(first.key) || notes.refused(second.key)) return;
  const auto& [a, b] = std::tie(first.where, second.where);
  std::string same;
  if (a.is_unix() && b.is_unix() && a.socket_path == b.socket_path) {
    same = "socket " + a.socket_path.string();
  } else if (!a.is_unix() && !b.is_unix() && a.port == b.port && a.port != 0 &&
             overlap(a.host, b.host)) {
    same = "port " + std::to_string(a.port);
  }
  if (same.empty()) return;
  notes.complain_at(second.key, notes.positions.contains(first.key) ? first.key : "listeners",
                    first.key + " and " + second.key + " have the same " + same);
}

void check_tls(const tls_config& tls, const std::string& key, config_notes& notes) {
  const auto complain = [&](std::string_view member, std::string message) {
    notes.complain_at(key + "." + std::string{member}, key, std::move(message));
  };
  if (tls.enabled() && tls.key.empty()) complain("certificate", "a certificate needs its key");
  if (!tls.enabled() && !tls.key.empty()) complain("key", "a key without a certificate");
  const bool asks = tls.clients != client_certificates::none;
  if (!tls.enabled() && (asks || !tls.client_ca.empty())) {
    complain(asks ? "client_certificates" : "client_ca",
             "without a certificate there is no TLS: clients can't be asked for one");
  } else if (asks && tls.client_ca.empty()) {
    complain("client_certificates", "without client_ca no client's certificate is good");
  } else if (!asks && !tls.client_ca.empty()) {
    complain("client_ca", "with client_certificates none nobody is asked for one");
  }
}

void check_listeners(const config& values, config_notes& notes) {
  if (values.listeners.empty() && !notes.refused("listeners")) {
    notes.complain_at("listeners", "", "at least one listener is needed");
  }
  std::vector<place> places;
  for (std::size_t i = 0; i < values.listeners.size(); ++i) {
    const auto key = "listeners[" + std::to_string(i) + "]";
    if (notes.refused(key)) continue;
    places.push_back({key + ".listen", values.listeners[i].listen});
    check_tls(values.listeners[i].tls, key + ".tls", notes);
  }
  places.push_back({"admin.listen", values.admin.listen});
  check_tls(values.admin.tls, "admin.tls", notes);
  if (values.cluster.enabled()) places.push_back({"cluster.listen", values.cluster.listen});
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) check_places(places[j], places[i], notes);
  }
}

void check_http(const http_config& http, config_notes& notes) {
  if (http.max_body_bytes > http.body_budget_bytes) {
    notes.complain_at("http.body_budget_bytes", "http.max_body_bytes",
                      "less than http.max_body_bytes, " + write_size(http.max_body_bytes) +
                          ": the largest body could never be read");
  }
}

void check_store(const store_config& store, config_notes& notes) {
  if (!store.postgres.empty() && notes.positions.contains("store.path")) {
    notes.complain_at("store.postgres", "store.path",
                      "store.path names another store: leave one of them out");
  }
  if (store.max_staleness < 2 * store.poll_interval) {
    notes.complain_at("store.max_staleness", "store.poll_interval",
                      "less than twice store.poll_interval, " +
                          write_duration(store.poll_interval) +
                          ": what was read in time would count as too old");
  }
}

void check_default_source(const config& values, config_notes& notes) {
  if (values.default_source.empty() || values.find_source(values.default_source)) return;
  if (std::ranges::any_of(values.sources, &std::string::empty, &source_config::name)) return;
  std::string names;
  for (const auto& source : values.sources) names += (names.empty() ? "" : ", ") + source.name;
  notes.complain_at("default_source", "",
                    "no source is named " + values.default_source +
                        (names.empty() ? "" : "; there are: " + names));
}

}  // namespace

bool config_notes::refused(const std::string& key) const {
  return std::ranges::find(problems, key, &config_problem::key) != problems.end();
}

void config_notes::complain(position where, std::string key, std::string message) {
  // Both may quote the file, and a problem is told in a line.
  for (auto* text : {&key, &message}) {
    std::ranges::replace_if(*text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  }
  problems.push_back({file, where.line, where.column, std::move(key), std::move(message)});
}

void config_notes::complain_at(const std::string& key, const std::string& otherwise,
                               std::string message) {
  auto found = positions.find(key);
  if (found == positions.end()) found = positions.find(otherwise);
  complain(found == positions.end() ? position{} : found->second, key, std::move(message));
}

void check_contradictions(const config& values, config_notes& notes) {
  check_listeners(values, notes);
  check_http(values.http, notes);
  check_store(values.store, notes);
  check_cluster(values.cluster, notes);
  check_sources(values.sources, notes);
  check_default_source(values, notes);
}

std::vector<config_problem> find_contradictions(const config& values, const std::string& file) {
  config_notes notes{.file = file};
  check_contradictions(values, notes);
  return std::move(notes.problems);
}

}  // namespace filemint
