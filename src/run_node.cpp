#include "src/run_node.hpp"

#include "src/cli/console.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/outcome.hpp"
#include "src/core_dumps.hpp"
#include "src/signals.hpp"

#include <csignal>
#include <cstdlib>

namespace filemint {

int run_node(config settings, const std::function<config_or_problems()>& read_anew,
             const std::function<std::optional<int>(node&)>& started) {
  if (settings.allow_core_dumps) allow_core_dumps();
  const signals asked;
  auto running =
      node::start(std::move(settings), node::make_backend, [&] { return asked.end_asked(); });
  if (!running) {
    cli::print_error(running.error().message);
    return static_cast<int>(cli::exit_code_of(running.error().code));
  }
  if (!*running) return 0;  // asked to end before it served
  auto ended = started(**running);
  while (!ended) {
    if (asked.wait() == SIGHUP) {
      (*running)->reload(read_anew());
    } else {
      ended = 0;
    }
  }
  bool in_a_hurry = false;
  (*running)->drain([&] { return in_a_hurry = asked.end_asked(); });
  if (in_a_hurry) std::_Exit(128 + SIGTERM);
  running->reset();
  return *ended;
}

}  // namespace filemint
