#include "core/config/contradictions.hpp"

#include "core/config/cluster_keys.hpp"
#include "core/config/scalar.hpp"
#include "core/config/schema.hpp"
#include "core/config/source_keys.hpp"

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

// The path below which a source's files are served, which is all that a proxy tells /verify of a
// URL: no host.
std::string served_path(const source_config& source) {
  if (source.public_url.empty()) return "/files/" + source.name + "/";
  const auto host = source.public_url.find("://") + 3;
  const auto slash = source.public_url.find('/', host);
  auto path = slash == std::string::npos ? std::string{} : source.public_url.substr(slash);
  if (!path.ends_with('/')) path += '/';
  return path;
}

bool is_letter(char c) noexcept {
  return c >= 'a' && c <= 'z';
}

// With the bucket's name before it, a host has to be one still, and one that a certificate names.
void check_virtual_host(const bucket_config& bucket, const std::string& key, config_notes& notes) {
  const auto& endpoint = bucket.endpoint_of_clients();
  const auto host = endpoint.substr(std::min(endpoint.find("://"), endpoint.size()));
  if (!host.empty() && (host.starts_with("://[") || !std::ranges::any_of(host, is_letter))) {
    notes.complain_at(
        key + ".addressing", key,
        "addressing virtual puts the bucket's name before the host, and an IP address "
        "has nothing before it: set addressing: path");
  }
  const bool secure = !endpoint.starts_with("http://");
  const auto fits = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || (c == '.' && !secure);
  };
  if (!std::ranges::all_of(bucket.name, fits)) {
    notes.complain_at(key + ".bucket", key,
                      "addressing virtual makes the bucket's name a part of the host: lower-case "
                      "letters, digits and '-' alone, over http:// '.' too; set addressing: path");
  }
}

void check_bucket(const source_config& source, const std::string& key, config_notes& notes) {
  const auto need = [&](const std::string& value, const std::string& name,
                        const std::string& what) {
    if (value.empty() && !notes.refused(key + name))
      notes.complain_at(key + name, key, "an s3 source needs " + what);
  };
  const auto& bucket = source.bucket;
  const bool bound = bucket.addressing == bucket_addressing::bucket_bound;
  if (!bound) need(bucket.name, ".bucket", "a bucket");
  if (bucket.addressing == bucket_addressing::virtual_host) check_virtual_host(bucket, key, notes);
  if (bound)
    need(bucket.endpoint_of_clients(), ".endpoint",
         "an endpoint, since addressing is bucket_bound");
  need(bucket.access_key_id, ".access_key_id", "an access_key_id");
  need(bucket.secret_access_key, ".secret_access_key", "a secret_access_key");
}

void check_source(const source_config& source, const std::string& key, config_notes& notes) {
  if (notes.refused(key)) return;
  if (source.name.empty() && !notes.positions.contains(key + ".name")) {
    notes.complain_at(key, "sources", "a source needs a name");
  }
  if (notes.refused(key + ".type")) return;
  if (source.is_local()) {
    if (source.root.empty() && !notes.positions.contains(key + ".root")) {
      notes.complain_at(key, "sources", "a local source needs a root, the folder of its files");
    }
  } else {
    check_bucket(source, key, notes);
  }
  for (const auto& other : source_settings()) {
    const auto where = key + "." + other.key;
    if (!is_of_type(other.key, source.type) && notes.positions.contains(where)) {
      notes.complain_at(where, key, "not for a source of type " + source.type);
    }
  }
  if (source.default_life > source.max_life) {
    notes.complain_at(key + ".default_life", key + ".max_life",
                      "default_life " + write_duration(source.default_life) +
                          " is longer than max_life " + write_duration(source.max_life));
  }
}

void check_pair(const source_config& first, const source_config& second, const std::string& key,
                config_notes& notes) {
  if (second.name.empty() || first.name.empty()) return;
  if (first.name == second.name) {
    notes.complain_at(key + ".name", key, "a second source named " + second.name);
  } else if (first.is_local() && second.is_local() && served_path(first) == served_path(second)) {
    notes.complain_at(key + ".public_url", key,
                      "sources " + first.name + " and " + second.name +
                          " have the same public_url but for the host, " + served_path(second) +
                          ": a request's path must tell them apart");
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
  if (values.sources.empty() && !notes.refused("sources") && !notes.refused("")) {
    notes.complain_at("sources", "", "at least one source is needed");
  }
  for (std::size_t i = 0; i < values.sources.size(); ++i) {
    const auto key = "sources[" + std::to_string(i) + "]";
    check_source(values.sources[i], key, notes);
    for (std::size_t j = 0; j < i; ++j) {
      check_pair(values.sources[j], values.sources[i], key, notes);
    }
  }
  check_default_source(values, notes);
}

std::vector<config_problem> find_contradictions(const config& values, const std::string& file) {
  config_notes notes{.file = file};
  check_contradictions(values, notes);
  return std::move(notes.problems);
}

}  // namespace filemint
