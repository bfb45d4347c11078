// cluster cert, status, forget
#include "core/config/cluster_keys.hpp"
#include "core/config/scalar.hpp"
#include "core/config/secret_reference.hpp"
#include "src/cli/certificates.hpp"
#include "src/cli/configuration.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/http_client.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"
#include "src/cli/write_file.hpp"

#include <set>

namespace filemint::cli {
namespace {

namespace fs = std::filesystem;

constexpr int most_days = 36'500;
constexpr std::size_t max_answer_bytes = 16UL * 1024 * 1024;

// ---- cert

struct cert_options {
  std::vector<std::string> names;
  fs::path folder = ".";
  int days = 365;
  int ca_days = 3'650;
  bool json_output = false;
};

struct new_file {
  fs::path path;
  secret text;
};

void declare_cert(CLI::App& command, cert_options& options) {
  command.add_option("name", options.names, "Nodes' names, each its cluster.name")
      ->required()
      ->type_name("NAME");
  command.add_option("--dir", options.folder, "Where the files are made, and where ca.pem is")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--days", options.days, "How long nodes' certificates are good")
      ->check(CLI::Range(1, most_days))
      ->capture_default_str();
  command.add_option("--ca-days", options.ca_days, "How long a new authority's is")
      ->check(CLI::Range(1, most_days))
      ->capture_default_str();
  add_json_flag(command, options.json_output);
}

// A file's last line end is written with it.
secret without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return secret{std::move(text)};
}

void add(std::vector<new_file>& files, const fs::path& stem, const issued_certificate& made) {
  files.push_back({stem.string() + ".pem", without_line_end(made.certificate)});
  files.push_back({stem.string() + ".key", without_line_end(std::string{made.key.reveal()})});
}

outcome<void> check_names(const cert_options& options) {
  std::set<std::string> seen;
  for (const auto& name : options.names) {
    if (!is_node_name(name)) {
      return stop(exit_code::usage, name + ": a node's name is a DNS name in lower case");
    }
    if (name == "ca") return stop(exit_code::usage, "ca.pem is the authority's own file");
    if (!seen.insert(name).second) return stop(exit_code::usage, name + " stands there twice");
  }
  return {};
}

// All of them or none.
outcome<void> write_all(const std::vector<new_file>& files) {
  std::error_code ignored;
  for (const auto& each : files) {
    if (fs::exists(fs::symlink_status(each.path, ignored))) {
      return stop(exit_code::conflict, each.path.string() + " exists: nothing was made");
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto done = write_new_secret(files[i].path, files[i].text);
    if (done) continue;
    for (std::size_t made = 0; made < i; ++made) fs::remove(files[made].path, ignored);
    return stop(done.error());
  }
  return {};
}

outcome<void> cert(const cert_options& options) {
  if (auto good = check_names(options); !good) return good;
  std::error_code failed;
  fs::create_directories(options.folder, failed);
  if (failed) {
    return stop(exit_code::failed, options.folder.string() + ": " + failed.message());
  }
  const auto ca = options.folder / "ca.pem", ca_key = options.folder / "ca.key";
  std::vector<new_file> files;
  const bool fresh = !fs::exists(ca) && !fs::exists(ca_key);
  auto people = fresh ? certificate_authority::make(std::chrono::days{options.ca_days})
                      : certificate_authority::load(ca, ca_key);
  if (!people) return stop(people.error());
  if (fresh) add(files, options.folder / "ca", people->own());
  for (const auto& name : options.names) {
    add(files, options.folder / name, people->issue(name, std::chrono::days{options.days}));
  }
  if (auto done = write_all(files); !done) return done;
  if (options.json_output) {
    auto made = json::array();
    for (const auto& each : files) made.push_back(each.path.string());
    print_json({{"files", std::move(made)}});
    return {};
  }
  for (const auto& each : files) print_line("wrote " + each.path.string());
  if (fresh) print_note("keep ca.key away from the nodes: whoever has it can join the cluster");
  return {};
}

// ---- status

struct status_options {
  fs::path config;
  bool json_output = false;
};

void declare_status(CLI::App& command, status_options& options) {
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

outcome<url> address_of(const admin_config& admin) {
  if (admin.listen.is_unix()) {
    return stop(exit_code::configuration,
                "admin.listen is a unix socket: ask it for /cluster, as by `curl --unix-socket`");
  }
  auto where = admin.listen;
  if (where.host == "0.0.0.0") where.host = "127.0.0.1";
  if (where.host == "::") where.host = "::1";
  const auto text =
      (admin.tls.enabled() ? "https://" : "http://") + write_endpoint(where) + "/cluster";
  const auto read = url::parse(text);
  if (!read) return stop(exit_code::configuration, "admin.listen leads nowhere: " + text);
  return *read;
}

outcome<json> ask(const config& settings) {
  const auto where = address_of(settings.admin);
  if (!where) return std::unexpected{where.error()};
  secret token;
  if (!settings.admin.token.empty()) {
    auto read = read_secret(settings.admin.token);
    if (!read) return stop(exit_code::configuration, "admin.token: " + read.error().message);
    token = std::move(*read);
  }
  std::string body;
  const http_call get{.where = *where, .bearer = token.reveal()};
  const auto head = call(get, [&](const http_head&, std::string_view piece) -> result<void> {
    body += piece;
    if (body.size() > max_answer_bytes) return fail(errc::io_failed, "the answer is over 16 MiB");
    return {};
  });
  if (!head) return stop(head.error());
  if (head->status != 200) {
    return stop(exit_code::failed, "the node answered " + std::to_string(head->status));
  }
  auto answer = json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("data") || !answer["data"].contains("peers")) {
    return stop(exit_code::failed, "the node's answer does not tell its peers");
  }
  return std::move(answer["data"]);
}

std::string text_of(const json& value, const std::string& unit = {}) {
  if (value.is_null()) return "-";
  return (value.is_string() ? value.get<std::string>() : value.dump()) + unit;
}

outcome<void> status(const status_options& options) {
  auto settings = read_configuration(options.config);
  if (!settings) return std::unexpected{settings.error()};
  if (!settings->cluster.enabled()) {
    return stop(exit_code::configuration, "cluster.name is not set: this node has no cluster");
  }
  const auto told = ask(*settings);
  if (!told) return std::unexpected{told.error()};
  if (options.json_output) {
    print_json(*told);
    return {};
  }
  table shown{{"peer", "state", "since", "heard", "round trip", "release"}};
  for (const auto& peer : (*told)["peers"]) {
    const bool left = peer.value("said_goodbye", false);
    const auto age = std::chrono::milliseconds{peer.value("state_age_ms", std::int64_t{0})};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age);
    shown.add({text_of(peer["name"]), left ? "left" : text_of(peer["state"]),
               write_duration(seconds), text_of(peer["heard_ms_ago"], "ms"),
               text_of(peer["round_trip_us"], "us"), text_of(peer["release"])});
  }
  print_line("node " + text_of((*told)["name"]));
  if (told->contains("members")) {
    std::string members;
    for (const auto& each : (*told)["members"]) members += " " + text_of(each);
    print_line("members" + members);
  }
  print(shown.text());
  return {};
}

// ---- forget

struct forget_options {
  fs::path config;
  std::string name;
};

void declare_forget(CLI::App& command, forget_options& options) {
  command.add_option("name", options.name, "The node, by its cluster.name")
      ->required()
      ->type_name("NAME");
  add_config_option(command, options.config);
}

outcome<void> forget(const forget_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  auto done = opened->rows->node_said_goodbye(options.name, wall_now());
  if (!done && done.error().code == errc::not_found) {
    return stop(exit_code::not_found, options.name + ": the store knows no such node");
  }
  if (!done) return stop(done.error());
  print_line(options.name +
             " does not count any more, unless it is there and tells of itself again");
  return {};
}

}  // namespace

void add_cluster_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "cluster", "The nodes of a cluster");
  add_command<cert_options>(family, chosen, "cert",
                            "Make certificates for nodes, and an authority if there is none",
                            declare_cert, cert);
  add_command<status_options>(family, chosen, "status", "How a running node sees its peers",
                              declare_status, status);
  add_command<forget_options>(family, chosen, "forget",
                              "Take a node that will not come back off the store's list",
                              declare_forget, forget);
}

}  // namespace filemint::cli
