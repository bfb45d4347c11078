// The store that a subcommand works on: the configuration's.
#pragma once

#include "core/config/config.hpp"
#include "src/cli/outcome.hpp"
#include "store/open.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace filemint::cli {

struct opened_store {
  config settings;
  std::unique_ptr<store::store> rows;
};

using store::when_missing;

// Reads the configuration and opens its store. Any trouble with the latter is exit_code::store.
[[nodiscard]] outcome<opened_store> open_store(const std::filesystem::path& configuration,
                                               when_missing missing = when_missing::refuse);

// not_found, with the names that there are.
[[nodiscard]] outcome<void> require_source(const config& settings, const std::string& name);
// One whose tokens are ours; refused with a sentence for another.
[[nodiscard]] outcome<void> require_source_of_ours(const config& settings, const std::string& name);

}  // namespace filemint::cli
