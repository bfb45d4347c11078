// For tests against other implementations: signs blobs of Azure by this project's code. Reads what
// tests/peers/azure_sas.mjs reads, a JSON object a line, of which all but the path are the same in
// each; writes the query of each, a line. Exit code 2: it was not asked properly.

#include "backends/azure_sas.hpp"
#include "core/crypto/base64.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace filemint;
using nlohmann::json;

wall_time time_of(const json& from, const char* name) {
  std::tm parts{};
  const auto text = from.at(name).get<std::string>();
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr)
    throw std::runtime_error{text};
  return wall_time{std::chrono::seconds{timegm(&parts)}};
}

backends::sas_key key_of(const json& asked) {
  if (asked.contains("key"))
    return backends::sas_key{base64_decode(asked.at("key").get<std::string>()).value()};
  const auto& by = asked.at("delegation");
  return backends::sas_key{backends::azure_delegation{
      .object_id = by.at("object_id"),
      .tenant_id = by.at("tenant_id"),
      .starts_at = time_of(by, "starts"),
      .expires_at = time_of(by, "expires"),
      .service = "b",
      .api_version = by.at("api_version"),
      .value = base64_decode(by.at("value").get<std::string>()).value()}};
}

void sign(const std::vector<json>& asked) {
  const auto& first = asked.front();
  const auto account = first.at("account").get<std::string>();
  const auto container = first.at("container").get<std::string>();
  const backends::sas_signer signer{std::make_shared<const backends::sas_key>(key_of(first)),
                                    {.account = account,
                                     .container = container,
                                     .expires_at = time_of(first, "expires"),
                                     .starts_at = {},
                                     .https_alone = first.at("protocol") == "https"}};
  std::vector<file_path> paths;
  for (const auto& each : asked) {
    paths.push_back(
        file_path::make(each.at("path").get_ref<const std::string&>(), path_rules::opaque).value());
  }
  for (std::span<const file_path> left{paths}; !left.empty();) {
    const auto group = left.first(std::min(left.size(), backends::sas_signer::at_once));
    left = left.subspan(group.size());
    std::vector<std::string> tokens;
    for (const auto path : group) tokens.emplace_back(signer.max_token_size(path), '\0');
    std::vector<char*> places;
    for (auto& token : tokens) places.push_back(token.data());
    signer.sign(group, places);
    for (std::size_t i = 0; i < group.size(); ++i)
      std::cout << std::string_view(tokens[i].data(), places[i]) << '\n';
  }
}

}  // namespace

int main() {
  try {
    std::vector<json> asked;
    for (std::string line; std::getline(std::cin, line);) asked.push_back(json::parse(line));
    sign(asked);
    return 0;
  } catch (const std::exception& wrong) {
    std::cerr << wrong.what() << '\n';
    return 2;
  }
}
