#include "src/cli/commands.hpp"
#include "src/cli/configuration.hpp"
#include "src/cli/console.hpp"
#include "src/run_node.hpp"

namespace filemint {

int run_serve(const serve_options& options) {
  auto settings = cli::read_configuration(options.config);
  if (!settings) {
    cli::print_error(settings.error().message);
    return static_cast<int>(settings.error().code);
  }
  return run_node(std::move(*settings), [](node&) { return std::nullopt; });
}

}  // namespace filemint
