#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"

namespace filemint {

int run_serve(const serve_options&) {
  cli::print_error("serve is not built yet");
  return 1;
}

}  // namespace filemint
