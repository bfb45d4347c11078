// The two subcommands that run a node; src/serve.cpp and src/demo.cpp are their bodies.
#pragma once

#include <cstdint>
#include <filesystem>

namespace filemint {

struct serve_options {
  std::filesystem::path config;
};

struct demo_options {
  std::uint16_t port = 8080;
  std::uint16_t admin_port = 0;  // 0: a free one, printed
  bool once = false;             // mint and download by itself, print what came, and end
  std::filesystem::path data;    // empty: a fresh temporary folder
  std::filesystem::path json;  // where to write url, admin_url, key, config and pid; empty: nowhere
};

// Both return the process's exit code (src/cli/exit_code.hpp) and have told stderr what went wrong.
int run_serve(const serve_options& options);
int run_demo(const demo_options& options);

}  // namespace filemint
