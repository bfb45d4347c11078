#include "src/cli/credential_files.hpp"

#include "src/node.hpp"

namespace filemint::cli {

std::vector<config_problem> find_credential_problems(const config& values,
                                                     const std::string& file) {
  std::vector<config_problem> problems;
  for (const auto& source : values.sources) {
    if (source.has_our_tokens()) continue;
    const auto made = node::make_backend(values, source);
    if (!made) problems.push_back({.file = file, .message = made.error().message});
  }
  return problems;
}

}  // namespace filemint::cli
