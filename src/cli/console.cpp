#include "src/cli/console.hpp"

#include "core/redact.hpp"

#include <algorithm>
#include <cstdio>

namespace filemint::cli {

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_line(std::string_view text) {
  print(text);
  print("\n");
}

void print_error(std::string_view message) {
  const auto line = "filemint: " + redacted(printable(message)) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void print_note(std::string_view message) {
  print_error(message);
}

bool flush_output() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

std::string printable(std::string_view text) {
  std::string out{text};
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

}  // namespace filemint::cli
