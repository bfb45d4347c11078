#include "src/cli/commands.hpp"
#include "src/cli/configuration.hpp"
#include "src/cli/console.hpp"
#include "src/run_node.hpp"

#include <filesystem>

namespace filemint {

int run_serve(const serve_options& options) {
  auto settings = cli::read_configuration(options.config);
  if (!settings) {
    cli::print_error(settings.error().message);
    return static_cast<int>(settings.error().code);
  }
  const auto file = std::filesystem::absolute(options.config);
  return run_node(
      std::move(*settings), [&] { return load_config(file); }, [](node&) { return std::nullopt; });
}

}  // namespace filemint
