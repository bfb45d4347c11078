#include "core/config/source_checks.hpp"

#include "core/config/credential_checks.hpp"
#include "core/config/scalar.hpp"
#include "core/config/schema.hpp"
#include "core/config/source_keys.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace filemint {
namespace {

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

bool is_address(const std::string& endpoint) {
  const auto host = endpoint.substr(std::min(endpoint.find("://"), endpoint.size()));
  return !host.empty() && (host.starts_with("://[") || !std::ranges::any_of(host, is_letter));
}

// With a name before it, a host has to be one still, and one that a certificate names. `is_asked`:
// by the node too.
void check_virtual_host(const bucket_config& bucket, const std::string& name, bool is_asked,
                        const std::string& key, const std::string& of, config_notes& notes) {
  if (bucket.addressing != bucket_addressing::virtual_host) return;
  const auto& endpoint = bucket.endpoint_of_clients();
  if (is_address(endpoint) || (is_asked && is_address(bucket.endpoint))) {
    notes.complain_at(key + ".addressing", key,
                      "addressing virtual puts the " + of +
                          "'s name before the host, and an IP address has nothing before it: set "
                          "addressing: path");
  }
  const bool secure = !endpoint.starts_with("http://");
  const auto fits = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || (c == '.' && !secure);
  };
  if (!std::ranges::all_of(name, fits)) {
    notes.complain_at(key + '.' + of, key,
                      "addressing virtual makes the " + of +
                          "'s name a part of the host: lower-case letters, digits and '-' alone, "
                          "over http:// '.' too; set addressing: path");
  }
}

// Microsoft, "Naming and Referencing Containers, Blobs, and Metadata".
bool is_azure_container(const std::string& name) {
  return name.size() >= 3 && name.size() <= 63 && !name.starts_with('-') && !name.ends_with('-') &&
         !name.contains("--") && std::ranges::all_of(name, [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
         });
}

void check_bucket(const source_config& source, const std::string& key, config_notes& notes) {
  const auto need = [&](const std::string& value, const std::string& name,
                        const std::string& why = "") {
    if (value.empty() && !notes.refused(key + '.' + name)) {
      notes.complain_at(
          key + '.' + name, key,
          "a source of type " + std::string{name_of(source.type)} + " needs " + name + why);
    }
  };
  const auto& bucket = source.bucket;
  const bool bound = bucket.addressing == bucket_addressing::bucket_bound;
  if (bound && is_of_type("addressing", source.type)) {
    need(bucket.endpoint_of_clients(), "endpoint", ", since addressing is bucket_bound");
  }
  switch (source.type) {
    case source_type::local:
    case source_type::edge:
      break;
    case source_type::s3:
    case source_type::gcs:
      if (!bound) need(bucket.name, "bucket");
      check_virtual_host(bucket, bucket.name, source.check_exists, key, "bucket", notes);
      break;
    case source_type::azure:
      need(bucket.account, "account");
      need(bucket.name, "container");
      if (!bucket.name.empty() && !is_azure_container(bucket.name)) {
        notes.complain_at(key + ".container", key,
                          "a container of azure is named by 3 to 63 lower-case letters, digits and "
                          "single '-' between them");
      }
      check_virtual_host(bucket, bucket.account, source.check_exists, key, "account", notes);
      break;
    case source_type::swift:
      need(bucket.endpoint_of_clients(), "endpoint");
      need(bucket.account, "account");
      need(bucket.name, "container");
      break;
  }
  check_credentials(source, key, notes);
}

void check_source(const source_config& source, const std::string& key, config_notes& notes) {
  if (notes.refused(key)) return;
  if (source.name.empty() && !notes.positions.contains(key + ".name")) {
    notes.complain_at(key, "sources", "a source needs a name");
  }
  if (notes.refused(key + ".type")) return;
  if (source.is_local() && source.root.empty() && !notes.positions.contains(key + ".root")) {
    notes.complain_at(key, "sources", "a local source needs a root, the folder of its files");
  }
  if (source.type == source_type::edge && source.public_url.empty() &&
      !notes.refused(key + ".public_url")) {
    notes.complain_at(key, "sources",
                      "an edge source needs a public_url, where its proxy serves files");
  }
  check_bucket(source, key, notes);
  for (const auto& other : source_settings()) {
    const auto where = key + "." + other.key;
    if (!is_of_type(other.key, source.type) && notes.positions.contains(where)) {
      notes.complain_at(where, key,
                        "not for a source of type " + std::string{name_of(source.type)});
    }
  }
  if (source.default_life > source.max_life) {
    notes.complain_at(key + ".default_life", key + ".max_life",
                      "default_life " + write_duration(source.default_life) +
                          " is longer than max_life " + write_duration(source.max_life));
  }
  // What a signature of version 4 tells is its life from its own date on.
  if (!source.has_our_tokens() && source.max_life + source.backdate > longest_token_life) {
    notes.complain_at(key + ".backdate", key + ".max_life",
                      "backdate " + write_duration(source.backdate) + " and max_life " +
                          write_duration(source.max_life) +
                          " together are longer than 7d, the most that the storage accepts");
  }
}

void check_pair(const source_config& first, const source_config& second, const std::string& key,
                config_notes& notes) {
  if (second.name.empty() || first.name.empty()) return;
  if (first.name == second.name) {
    notes.complain_at(key + ".name", key, "a second source named " + second.name);
  } else if (first.has_our_tokens() && second.has_our_tokens() &&
             served_path(first) == served_path(second)) {
    notes.complain_at(key + ".public_url", key,
                      "sources " + first.name + " and " + second.name +
                          " have the same public_url but for the host, " + served_path(second) +
                          ": a request's path must tell them apart");
  }
}

}  // namespace

void check_sources(const std::vector<source_config>& sources, config_notes& notes) {
  if (sources.empty() && !notes.refused("sources") && !notes.refused("")) {
    notes.complain_at("sources", "", "at least one source is needed");
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto key = "sources[" + std::to_string(i) + "]";
    check_source(sources[i], key, notes);
    for (std::size_t j = 0; j < i; ++j) check_pair(sources[j], sources[i], key, notes);
  }
}

}  // namespace filemint
