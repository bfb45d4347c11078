#include "src/demo_client.hpp"

#include "src/cli/http_client.hpp"
#include "src/demo_files.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace filemint {
namespace {

using ordered_json = nlohmann::ordered_json;

ordered_json request() {
  ordered_json body;
  for (const auto& file : demo_files()) body["filePaths"].push_back(file.path);
  body["source"] = "magikarp";
  return body;
}

}  // namespace

std::string demo_request() {
  return request().dump();
}

result<demo_mint> mint_demo_files(const std::string& base, const secret& key) {
  auto body = request();
  body["urls"] = true;
  demo_mint minted;
  const auto head = cli::call({.where = cli::url::parse(base + "/api/v1/file-access").value(),
                               .bearer = key.reveal(),
                               .json_body = body.dump()},
                              [&](const cli::http_head&, std::string_view piece) -> result<void> {
                                minted.answer += piece;
                                return {};
                              });
  if (!head) return std::unexpected(head.error());
  const auto answer = ordered_json::parse(minted.answer, nullptr, false);
  const auto urls = answer.is_object() && head->status == 200
                        ? answer["data"].value("urls", ordered_json{})
                        : ordered_json{};
  if (!urls.is_object() || urls.size() != demo_files().size()) {
    return fail(errc::io_failed, "the node did not mint: " + minted.answer);
  }
  for (const auto& [path, url] : urls.items())
    minted.urls.emplace_back(path, url.get<std::string>());
  return minted;
}

result<std::uint64_t> download_size(const std::string& url) {
  const auto where = cli::url::parse(url);
  if (!where) return fail(errc::io_failed, "not a URL: " + url);
  std::uint64_t size = 0;
  const auto head = cli::call({.where = *where},
                              [&](const cli::http_head&, std::string_view piece) -> result<void> {
                                size += piece.size();
                                return {};
                              });
  if (!head) return std::unexpected(head.error());
  if (head->status != 200 || size == 0) {
    return fail(errc::io_failed, "the download was answered " + std::to_string(head->status));
  }
  return size;
}

}  // namespace filemint
