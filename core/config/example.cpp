#include "core/config/example.hpp"

#include "core/config/schema.hpp"
#include "core/config/source_keys.hpp"

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {
namespace {

constexpr std::string_view opening =
    "# filemint's configuration. Every key stands here; what is left out has its default, which "
    "is\n"
    "# what stands here but for the throttle: off.\n"
    "# Durations are 250ms, 10s, 5m, 1h, 7d or plain seconds; sizes are 32KiB, 8MiB, 1GiB or plain "
    "bytes.\n"
    "# Relative paths begin at this file's folder.\n";

// Writes keys line by line, each below its section's name.
class writer {
public:
  explicit writer(std::string& out) : out_(out) {}

  // `indent`: of a key that stands in no section of its table.
  template <class Owner>
  void write(const setting<Owner>& key, const Owner& values, std::size_t indent, bool with_comment,
             bool begins_entry = false) {
    const auto dot = key.key.rfind('.');
    const auto depth =
        indent + open(dot == std::string::npos ? "" : key.key.substr(0, dot), indent);
    if (with_comment) {
      for (const auto line : std::views::split(key.comment, '\n')) {
        out_.append(depth, ' ').append("# ").append(std::string_view{line}).append("\n");
      }
    }
    out_.append(depth, ' ');
    if (begins_entry) out_.replace(out_.size() - 2, 2, "- ");
    out_.append(key.key, dot + 1).append(": ").append(key.show(values)).append("\n");
  }

  template <class Entry>
  void write_entries(const std::vector<setting<Entry>>& keys, const std::vector<Entry>& entries,
                     auto left_out) {
    for (const auto& entry : entries) {
      section_.clear();
      for (const auto& key : keys) {
        if (left_out(key, entry)) continue;
        write(key, entry, 4, &entry == &entries.front(), &key == &keys.front());
      }
    }
    section_.clear();
  }

  // The last of the section `cluster`, which is open.
  void write_peers(const std::vector<cluster_peer_config>& peers) {
    out_.append(
            "  # Its nodes, each as `- name: NAME` and below it `address: HOST:PORT`; this one may "
            "be\n")
        .append("  # among them.\n  peers:");
    if (peers.empty()) out_.append(" []");
    out_.append("\n");
    for (const auto& peer : peers) {
      for (const auto& key : cluster_peer_settings()) {
        out_.append(&key == &cluster_peer_settings().front() ? "    - " : "      ")
            .append(key.key + ": " + key.show(peer) + "\n");
      }
    }
  }

private:
  // Names the sections that are not open yet; how much deeper their keys stand.
  std::size_t open(const std::string& section, std::size_t indent) {
    std::size_t deeper = 0;
    for (std::size_t begin = 0; begin < section.size();) {
      const auto end = std::min(section.find('.', begin), section.size());
      const auto part = section.substr(0, end);
      if (!(section_ + ".").starts_with(part + ".")) {
        if (indent + deeper == 0) out_.append("\n");
        out_.append(indent + deeper, ' ').append(section, begin, end - begin).append(":\n");
      }
      deeper += 2;
      begin = end + 1;
    }
    if (section.empty() && indent == 0) out_.append("\n");
    section_ = section;
    return deeper;
  }

  std::string& out_;
  std::string section_;
};

// As an entry of the list above it that is left out: a node with it would not start without its
// secrets.
std::string commented_out(const source_config& source) {
  std::string entry;
  writer{entry}.write_entries(source_settings(), {source}, [](const auto& key, const auto& of) {
    return !is_of_type(key.key, of.type);
  });
  std::string out;
  for (const auto line :
       std::views::split(std::string_view{entry}.substr(0, entry.size() - 1), '\n'))
    out.append("#").append(std::string_view{line}).append("\n");
  return out;
}

source_config example_on_an_edge() {
  source_config source;
  source.name = "parcels";
  source.type = source_type::edge;
  source.algorithm = token_algorithm::es256;
  source.public_url = "https://files.example/parcels";
  return source;
}

source_config example_on_s3() {
  source_config source;
  source.name = "objects";
  source.type = source_type::s3;
  source.bucket.name = "stored-files";
  source.bucket.access_key_id = "env:AWS_ACCESS_KEY_ID";
  source.bucket.secret_access_key = "env:AWS_SECRET_ACCESS_KEY";
  return source;
}

source_config example_on_swift() {
  source_config source;
  source.name = "archive";
  source.type = source_type::swift;
  source.bucket.name = "stored-files";
  source.bucket.account = "AUTH_example";
  source.bucket.endpoint = "https://swift.example";
  source.bucket.temp_url_key = "env:SWIFT_TEMP_URL_KEY";
  return source;
}

source_config example_on_azure() {
  source_config source;
  source.name = "blobs";
  source.type = source_type::azure;
  source.bucket.account = "filemintaccount";
  source.bucket.name = "stored-files";
  source.bucket.account_key = "env:AZURE_STORAGE_KEY";
  return source;
}

source_config example_on_gcs() {
  source_config source;
  source.name = "media";
  source.type = source_type::gcs;
  source.bucket.name = "stored-files";
  source.bucket.service_account = "file:/etc/filemint/service_account.json";
  return source;
}

}  // namespace

std::string write_config(const config& values) {
  std::string out{opening};
  writer lines{out};
  for (const auto& key : config_settings()) {
    if (key.key == "default_source" && values.default_source.empty()) continue;
    if (key.key == "store.path" && !values.store.postgres.empty()) continue;
    lines.write(key, values, 0, true);
    if (key.key == "cluster.key") lines.write_peers(values.cluster.peers);
  }
  out.append("\n# Where clients connect.\nlisteners:\n");
  lines.write_entries(listener_settings(), values.listeners,
                      [](const auto&, const auto&) { return false; });
  out.append(
      "\n# Where files lie. A signing key, a grant and a token belong to one source.\nsources:\n");
  lines.write_entries(source_settings(), values.sources, [](const auto& key, const auto& source) {
    return !is_of_type(key.key, source.type) || (key.key == "root" && source.root.empty());
  });
  return out;
}

std::string config_example() {
  config values;
  values.default_source = "magikarp";
  values.mint.throttle = {.per_day = 1'000, .rate = 10, .burst = 5};
  values.sources = {
      source_config{.name = "magikarp", .root = "files/magikarp", .check_exists = true},
      source_config{.name = "betaimages", .root = "files/betaimages"}};
  auto text = write_config(values) + "\n" + commented_out(example_on_an_edge());
  for (const auto& other :
       {example_on_s3(), example_on_azure(), example_on_gcs(), example_on_swift()}) {
    text += "#\n" + commented_out(other);
  }
  return text;
}

}  // namespace filemint
