#include "src/remote_storages.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace filemint {

result<std::unique_ptr<remote_storages>> remote_storages::start(
    std::span<const source_config> sources, std::span<const std::unique_ptr<backends::backend>> by,
    http::file_reader& files, http::log& log) {
  if (std::ranges::all_of(sources, &source_config::has_our_tokens)) return nullptr;
  // Sources may share an origin: one that hangs leaves the others theirs.
  auto client =
      http::client_pool::start({.max_connections = http::probed_storage::at_once * sources.size()});
  if (!client) return std::unexpected(client.error());
  std::vector<const backends::backend*> drivers;
  for (const auto& each : by) drivers.push_back(each.get());
  return std::unique_ptr<remote_storages>{
      new remote_storages{std::move(*client), sources, drivers, files, log}};
}

remote_storages::remote_storages(std::unique_ptr<http::client_pool> client,
                                 std::span<const source_config> sources,
                                 std::span<const backends::backend* const> by,
                                 http::file_reader& files, http::log& log)
    : client_(std::move(client)),
      prober_(*client_, files, sources, by,
              {.warn = [&log](std::string_view source, std::string_view what) {
                log.warn(what, {{"source", source}});
              }}) {}

}  // namespace filemint
