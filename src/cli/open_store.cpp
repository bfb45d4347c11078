#include "src/cli/open_store.hpp"

#include "src/cli/configuration.hpp"

#include <utility>

namespace filemint::cli {

outcome<opened_store> open_store(const std::filesystem::path& configuration, when_missing missing) {
  auto settings = read_configuration(configuration);
  if (!settings) return std::unexpected{std::move(settings.error())};
  auto opened = store::open_store(settings->store, store::role::cli, missing);
  if (!opened) return stop(exit_code::store, opened.error().message);
  return opened_store{std::move(*settings), std::move(*opened)};
}

outcome<void> require_source(const config& settings, const std::string& name) {
  if (settings.find_source(name) != nullptr) return {};
  std::string names;
  for (const auto& source : settings.sources) names += (names.empty() ? "" : ", ") + source.name;
  return stop(exit_code::not_found, "no source is named " + name + "; there are: " + names);
}

outcome<void> require_source_of_ours(const config& settings, const std::string& name) {
  if (auto known = require_source(settings, name); !known) return known;
  const auto* source = settings.find_source(name);
  if (source->has_our_tokens()) return {};
  return stop(exit_code::conflict,
              "source " + name + " is of type " + std::string{name_of(source->type)} +
                  ": its storage makes and checks its tokens, which live until "
                  "they expire");
}

}  // namespace filemint::cli
