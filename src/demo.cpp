// demo: a node with a company, a key and a few real files, from nothing.
#include "core/api_key.hpp"
#include "core/config/example.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/exit_code.hpp"
#include "src/demo_client.hpp"
#include "src/demo_data.hpp"
#include "src/run_node.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace filemint {
namespace {

// Whole, then renamed: whoever waits for the file never reads half of it.
result<void> write_whole(const std::filesystem::path& where, std::string_view text) {
  auto interim = where;
  interim += ".tmp";
  std::ofstream out{interim, std::ios::trunc};
  out << text;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(interim, where, error);
  if (!out || error) return fail(errc::io_failed, "cannot write " + where.string());
  return {};
}

void introduce(const node& running, const demo_data& data) {
  cli::print_line(
      "filemint demo: company co_xyz, sources magikarp (checks that files exist) and "
      "betaimages.");
  cli::print_line("Data in " + data.folder().string());
  cli::print_line("\nAPI key:");
  cli::print_line(data.key().reveal());
  (void)cli::flush_output();  // whoever waits for the port has the key already
  cli::print_line("\nMint two tokens:");
  cli::print_line("curl -s -X POST " + running.url() +
                  "/api/v1/file-access \\\n  -H 'Authorization: Bearer " +
                  std::string{data.key().reveal()} +
                  "' \\\n  -H 'Content-Type: application/json' \\\n  -d '" + demo_request() + "'");
}

int announce(const node& running, const demo_data& data, const demo_options& options) {
  const auto minted = mint_demo_files(running.url(), data.key());
  if (!minted) {
    cli::print_error(minted.error().message);
    return static_cast<int>(cli::exit_code::failed);
  }
  if (options.once) {
    cli::print_line("\nThe answer:");
    cli::print_line(minted->answer);
  }
  cli::print_line("\nDownload (for five minutes):");
  for (const auto& [path, url] : minted->urls) {
    cli::print_line(url);
    if (!options.once) continue;
    const auto size = download_size(url);
    if (!size) {
      cli::print_error(size.error().message);
      return static_cast<int>(cli::exit_code::failed);
    }
    cli::print_line("  downloaded " + path + ", " + std::to_string(*size) + " bytes");
  }
  cli::print_line("\nAdmin: " + running.admin_url() + "/metrics");
  cli::print_line("Listening on " + running.url() + (options.once ? "" : ", Ctrl-C ends it"));
  return 0;
}

result<void> write_json(const node& running, const demo_data& data,
                        const std::filesystem::path& where) {
  const nlohmann::json facts{{"url", running.url()},
                             {"admin_url", running.admin_url()},
                             {"key", data.key().reveal()},
                             {"config", data.config_file().string()},
                             {"pid", getpid()}};
  return write_whole(where, facts.dump(2) + "\n");
}

}  // namespace

int run_demo(const demo_options& options) {
  auto data = demo_data::make(options.data);
  if (!data) {
    cli::print_error(data.error().message);
    return static_cast<int>(cli::exit_code::failed);
  }
  auto settings = data->settings();
  settings.listeners.front().listen.port = options.port;
  settings.admin.listen.port = options.admin_port;
  // The file that it writes; its ports are the command line's.
  const auto read_anew = [&] {
    auto read = load_config(data->config_file());
    if (read) {
      read->listeners.front().listen = settings.listeners.front().listen;
      read->admin.listen = settings.admin.listen;
    }
    return read;
  };
  return run_node(settings, read_anew, [&](node& running) -> std::optional<int> {
    auto as_bound = settings;
    as_bound.listeners = running.settings().listeners;
    as_bound.admin = running.settings().admin;
    auto written = write_whole(data->config_file(), write_config(as_bound));
    if (written) {
      introduce(running, *data);
      const auto code = announce(running, *data, options);
      if (code != 0) return code;
      if (!options.json.empty()) written = write_json(running, *data, options.json);
      if (written && options.once) return 0;
    }
    (void)cli::flush_output();
    if (written) return std::nullopt;
    cli::print_error(written.error().message);
    return static_cast<int>(cli::exit_code::failed);
  });
}

}  // namespace filemint
