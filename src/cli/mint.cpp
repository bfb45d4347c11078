// mint: a client of a running node
#include "core/api_key.hpp"
#include "core/config/secret_reference.hpp"
#include "core/file_path.hpp"
#include "src/cli/console.hpp"
#include "src/cli/download_folder.hpp"
#include "src/cli/families.hpp"
#include "src/cli/http_client.hpp"
#include "src/cli/options.hpp"
#include "src/cli/progress_bar.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"

#include <algorithm>

namespace filemint::cli {
namespace {

constexpr std::size_t max_answer_bytes = 1024UL * 1024 * 1024;
constexpr std::size_t max_error_bytes = 64UL * 1024;
constexpr std::size_t max_details_shown = 1000;

struct mint_options {
  std::vector<std::string> paths;
  std::string source;
  std::optional<std::int64_t> expires;
  std::string base = "http://127.0.0.1:8080";
  std::filesystem::path key_file;
  std::filesystem::path download;
  bool partial = false;
  bool attachment = false;
  bool json_output = false;
};

void declare(CLI::App& command, mint_options& options) {
  command.add_option("path", options.paths, "Paths of stored files")->required()->type_name("PATH");
  command.add_option("--source", options.source, "Where they are stored; none: the node's default");
  command.add_option("--expires", options.expires, "The tokens' life in seconds");
  command.add_option("--url", options.base, "Where the node is")
      ->envname("FILEMINT_URL")
      ->capture_default_str();
  command
      .add_option("--key-file", options.key_file,
                  "A file that holds the API key; none: the variable FILEMINT_API_KEY does")
      ->type_name("FILE");
  command.add_option("--download", options.download, "Download each file beneath this folder")
      ->type_name("DIR");
  command.add_flag("--partial", options.partial, "Mint what can be minted, and list the rest");
  command.add_flag("--attachment", options.attachment,
                   "Have browsers save the files, each under its path's last segment");
  add_json_flag(command, options.json_output);
}

outcome<secret> read_key(const mint_options& options) {
  const auto reference = options.key_file.empty() ? std::string{"env:FILEMINT_API_KEY"}
                                                  : "file:" + options.key_file.string();
  auto key = read_secret(reference);
  if (!key) return stop(exit_code::usage, "no API key: " + key.error().message);
  if (!api_key::parse(key->reveal())) {
    return stop(exit_code::usage, reference + " does not hold an API key, fm_...");
  }
  return std::move(*key);
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// "the node answered 403 FORBIDDEN: Access to the resource is forbidden. {"filePaths":["a"]}"
std::string refusal(unsigned status, const std::string& body) {
  auto out = "the node answered " + std::to_string(status);
  const auto envelope = json::parse(body, nullptr, false);
  if (!envelope.is_object() || !envelope.contains("error")) return out;
  const auto& told = envelope["error"];
  if (!told.is_object() || !told.contains("code") || !told.contains("message")) return out;
  out += " " + text_of(told["code"]) + ": " + text_of(told["message"]);
  if (const auto details = told.find("details"); details != told.end() && !details->empty()) {
    auto shown = text_of(*details);
    if (shown.size() > max_details_shown) shown = shown.substr(0, max_details_shown) + "...";
    out += " " + shown;
  }
  return out;
}

outcome<json> request_tokens(const mint_options& options, const url& where) {
  const auto key = read_key(options);
  if (!key) return std::unexpected{key.error()};
  json asked{{"filePaths", options.paths}};
  if (!options.source.empty()) asked["source"] = options.source;
  if (options.expires) asked["expiresIn"] = *options.expires;
  if (!options.download.empty()) asked["urls"] = true;
  if (options.partial) asked["partial"] = true;
  if (options.attachment) asked["download"] = true;

  http_call post{.where = where, .bearer = key->reveal()};
  try {
    post.json_body = asked.dump();
  } catch (const json::type_error&) {
    return stop(exit_code::usage, "paths and sources must be UTF-8");
  }
  std::string body;
  const auto head = call(post, [&](const http_head&, std::string_view piece) -> result<void> {
    body += piece;
    if (body.size() > max_answer_bytes) return fail(errc::io_failed, "the answer is over 1 GiB");
    return {};
  });
  if (!head) return stop(head.error());
  if (head->status != 200) return stop(exit_code::failed, refusal(head->status, body));
  auto answer = json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("data") || !answer["data"].is_object() ||
      !answer["data"].contains("access_tokens") || !answer["data"]["access_tokens"].is_object()) {
    return stop(exit_code::failed, "the node's answer is not one that holds access_tokens");
  }
  return std::move(answer["data"]);
}

// The number of bytes that came.
outcome<std::uint64_t> fetch(const download_folder& folder, const std::string& path,
                             const url& where) {
  const auto checked = file_path::make(path);
  if (!checked) return stop(exit_code::failed, path + " cannot be the path of a file");
  auto file = folder.begin(*checked);
  if (!file) return stop(file.error());
  progress_bar bar{path};
  std::uint64_t done = 0;
  std::string trouble;
  const auto head =
      call({.where = where}, [&](const http_head& answer, std::string_view piece) -> result<void> {
        if (answer.status != 200) {
          trouble += piece.substr(0, max_error_bytes - std::min(trouble.size(), max_error_bytes));
          return {};
        }
        done += piece.size();
        bar.show(done, answer.length);
        return file->write(piece);
      });
  if (!head) return stop(exit_code::failed, path + ": " + head.error().message);
  if (head->status != 200) {
    return stop(exit_code::failed, path + ": " + refusal(head->status, trouble));
  }
  if (auto placed = file->commit(); !placed) return stop(placed.error());
  return done;
}

// Adds {"path", "file", "bytes"} of each file to `files`.
outcome<void> download_all(const mint_options& options, const json& data, json& files) {
  const auto folder = download_folder::open(options.download);
  if (!folder) return stop(folder.error());
  const auto urls = data.find("urls");
  if (urls == data.end() || !urls->is_object()) {
    return stop(exit_code::failed, "the node's answer holds no urls");
  }
  for (const auto& [path, target] : urls->items()) {
    if (std::ranges::find(options.paths, path) == options.paths.end()) continue;
    const auto where = target.is_string() ? url::parse(target.get<std::string>()) : std::nullopt;
    if (!where) return stop(exit_code::failed, path + ": the node's answer holds no URL for it");
    const auto bytes = fetch(*folder, path, *where);
    if (!bytes) return std::unexpected{bytes.error()};
    files.push_back(
        {{"path", path}, {"file", (options.download / path).string()}, {"bytes", *bytes}});
  }
  return {};
}

void print_tokens(const json& data) {
  table shown{{"PATH", "TOKEN"}};
  for (const auto& [path, token] : data["access_tokens"].items()) {
    shown.add({path, text_of(token)});
  }
  print(shown.text());
  if (data.contains("expires_at") && data.contains("source")) {
    print_line("on " + printable(text_of(data["source"])) + ", until " +
               printable(text_of(data["expires_at"])));
  }
}

// Of a partial call.
void print_failed(const json& data) {
  const auto failed = data.find("failed");
  if (failed == data.end() || !failed->is_array()) return;
  table shown{{"NOT MINTED", "CODE"}};
  bool any = false;
  for (const auto& group : *failed) {
    if (!group.is_object() || !group.contains("code") || !group.contains("filePaths")) continue;
    for (const auto& path : group["filePaths"]) {
      shown.add({text_of(path), text_of(group["code"])});
      any = true;
    }
  }
  if (any) print(shown.text());
}

void print_files(const json& files) {
  table shown{{"FILE", "BYTES"}};
  for (const auto& file : files) shown.add({text_of(file["file"]), text_of(file["bytes"])});
  print(shown.text());
}

outcome<void> mint(const mint_options& options) {
  auto where = url::parse(options.base);
  if (!where || where->target.contains('?')) {
    return stop(exit_code::usage, "--url takes http://HOST:PORT or https://HOST");
  }
  if (where->target.ends_with('/')) where->target.pop_back();
  where->target += "/api/v1/file-access";
  auto data = request_tokens(options, *where);
  if (!data) return std::unexpected{data.error()};

  outcome<void> ended;
  if (!options.download.empty()) {
    auto files = json::array();
    ended = download_all(options, *data, files);
    if (!options.json_output) print_files(files);
    (*data)["files"] = std::move(files);
  } else if (!options.json_output) {
    print_tokens(*data);
  }
  if (!options.json_output) print_failed(*data);
  if (options.json_output) print_json(*data);
  return ended;
}

}  // namespace

void add_mint_command(CLI::App& app, chosen_command& chosen) {
  add_command<mint_options>(app, chosen, "mint", "Ask a running node for tokens", declare, mint);
}

}  // namespace filemint::cli
