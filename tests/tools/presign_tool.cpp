// For tests against other implementations: presigns by this project's code. Each line of stdin is
// {"access_key_id", "secret_access_key", "session_token", "region", "host", "uri_prefix", "at",
//  "expires_in", "more": {NAME: VALUE, …}, "paths": […], "download": {PATH: NAME, …}}
// and is answered with a line, a JSON array of the paths' tokens. `at` is in Unix seconds, `more`
// are further parameters of the query, `download` may be left out. Exit code 2: it was not asked
// properly.

#include "backends/sigv4.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace filemint;
using nlohmann::json;

json tokens_of(const json& request) {
  const backends::aws_credentials who{
      .access_key_id = request.at("access_key_id"),
      .secret_access_key = secret{request.at("secret_access_key").get<std::string>()},
      .session_token = secret{request.at("session_token").get<std::string>()}};
  const backends::sigv4_scope scope{.region = request.at("region"), .service = "s3"};
  const wall_time at{std::chrono::seconds{request.at("at").get<std::int64_t>()}};
  const auto host = request.at("host").get<std::string>();
  const auto uri_prefix = request.at("uri_prefix").get<std::string>();
  std::vector<backends::sigv4_parameter> more;
  for (const auto& [name, value] : request.at("more").items())
    more.push_back({name, value.get_ref<const std::string&>()});
  const auto download = request.value("download", json::object());
  std::vector<api::file_name> names;  // sorted, as objects are
  for (const auto& [path, name] : download.items())
    names.push_back({path, name.get_ref<const std::string&>()});
  const backends::sigv4_presigner signer{
      who,
      std::make_shared<backends::sigv4_key>(who.secret_access_key, scope, at),
      {.host = host,
       .uri_prefix = uri_prefix,
       .at = at,
       .expires_in = std::chrono::seconds{request.at("expires_in").get<std::int64_t>()},
       .more = more,
       .saved_as = api::attachments{names}}};

  std::vector<file_path> paths;
  for (const auto& path : request.at("paths"))
    paths.push_back(
        file_path::make(path.get_ref<const std::string&>(), path_rules::opaque).value());
  std::vector<std::string> tokens;
  for (const auto path : paths) tokens.emplace_back(signer.token_size(path), '\0');
  std::vector<char*> places;
  for (auto& token : tokens) places.push_back(token.data());
  for (std::size_t i = 0; i < paths.size(); i += signer.at_once) {
    const auto count = std::min(signer.at_once, paths.size() - i);
    signer.sign(std::span(paths).subspan(i, count), std::span(places).subspan(i, count));
  }
  return tokens;
}

}  // namespace

int main() try {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << tokens_of(json::parse(line)) << '\n';
  return 0;
} catch (const std::exception& e) {
  std::cerr << "presign_tool: " << e.what() << '\n';
  return 2;
}
