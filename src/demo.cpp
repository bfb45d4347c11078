#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"

namespace filemint {

int run_demo(const demo_options&) {
  cli::print_error("demo is not built yet");
  return 1;
}

}  // namespace filemint
