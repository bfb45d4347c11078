#include "core/config/paths.hpp"

#include <string>
#include <string_view>

namespace filemint {
namespace {

std::filesystem::path below(const std::filesystem::path& folder,
                            const std::filesystem::path& path) {
  return path.empty() || folder.empty() ? path : (folder / path).lexically_normal();
}

void resolve_reference(std::string& reference, const std::filesystem::path& folder) {
  constexpr std::string_view file_scheme = "file:";
  if (!reference.starts_with(file_scheme)) return;
  reference =
      std::string{file_scheme} + below(folder, reference.substr(file_scheme.size())).string();
}

// Of a listener_config or the admin_config.
void resolve_listener(auto& where, const std::filesystem::path& folder) {
  for (auto* path :
       {&where.listen.socket_path, &where.tls.certificate, &where.tls.key, &where.tls.client_ca}) {
    *path = below(folder, *path);
  }
}

std::string with_name(std::string path, std::string_view name) {
  constexpr std::string_view placeholder = "{name}";
  if (const auto at = path.find(placeholder); at != path.npos) {
    path.replace(at, placeholder.size(), name);
  }
  return path;
}

}  // namespace

void resolve_paths(config& values, const std::filesystem::path& folder) {
  values.store.path = below(folder, values.store.path);
  values.log.file = below(folder, values.log.file);
  for (auto* path : {&values.cluster.ca, &values.cluster.certificate, &values.cluster.key}) {
    *path = below(folder, with_name(path->string(), values.cluster.name));
  }
  for (auto& source : values.sources) {
    source.root = below(folder, source.root);
    for (const auto member : bucket_secrets) resolve_reference(source.bucket.*member, folder);
  }
  for (auto& listener : values.listeners) resolve_listener(listener, folder);
  resolve_listener(values.admin, folder);
  resolve_reference(values.admin.token, folder);
  resolve_reference(values.store.master_key, folder);
  resolve_reference(values.store.postgres, folder);
}

}  // namespace filemint
