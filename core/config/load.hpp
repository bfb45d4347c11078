// Reads a configuration file (YAML 1.2 by yaml-cpp) into a `config` that does not contradict
// itself, or tells all that is wrong with it at once. core/config/schema.cpp is the list of keys.
// Thread safe.
#pragma once

#include "core/config/config.hpp"

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

struct config_problem {
  std::string file = {};
  int line = 0;  // from 1; 0: the file as a whole
  int column = 0;
  std::string key = {};      // http.max_in_flight, sources[1].root; empty: the file as a whole
  std::string message = {};  // never a secret's value

  // filemint.yaml:12:3: http.lisen: unknown key, did you mean listen?
  [[nodiscard]] std::string text() const;
};

using config_or_problems = std::expected<config, std::vector<config_problem>>;

// Paths in it (store.path, log.file, each root, certificates, sockets, file: references) are
// relative to the file's own folder, and come out absolute. A file over 1 MiB is refused.
[[nodiscard]] config_or_problems load_config(const std::filesystem::path& path);

// The same for a text that is in memory. `name` is told in problems; relative paths are put behind
// base_dir. Problems come in the order of their lines.
[[nodiscard]] config_or_problems parse_config(std::string_view text, std::string_view name,
                                              const std::filesystem::path& base_dir);

}  // namespace filemint
