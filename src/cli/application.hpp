// filemint's command line.
#pragma once

namespace filemint::cli {

// Parses it, runs what it asks for, tells stderr what went wrong; the exit code
// (src/cli/exit_code.hpp).
int run(int argc, char** argv);

}  // namespace filemint::cli
