#include "src/cli/application.hpp"

int main(int argc, char** argv) {
  return filemint::cli::run(argc, argv);
}
